import type { Logger } from "@umbel/runtime";
import { createLogger, type LogLevel } from "@umbel/telemetry";
import { startWorker, type WorkerOptions } from "@umbel/worker";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { connectionOptions, wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { findModules, type ModulesFlag } from "../find-module.ts";
import { reportUncaught } from "../report-uncaught.ts";

/** The flags of `umbel worker`. Durations in milliseconds, memory in megabytes. */
export interface WorkerFlags extends ConnectionFlags, JsonFlag, ModulesFlag {
  readonly queues?: readonly string[];
  readonly concurrency?: number;
  readonly threads?: number;
  readonly maxRunsPerThread?: number;
  readonly threadMemory?: number;
  readonly ackWait?: number;
  readonly drainTimeout?: number;
  readonly healthPort?: number;
  readonly healthHost?: string;
  readonly name?: string;
  readonly logLevel?: LogLevel;
  readonly replicas?: number;
}

/** Run a worker with the handlers of `modules` until it is told to stop, and has drained. */
export async function worker(
  modules: readonly string[],
  flags: WorkerFlags,
  deps: CommandDeps,
): Promise<number> {
  const urls = await findModules(modules, flags, deps.cwd);
  const logger = createWorkerLogger(flags, deps);
  const running = await startWorker({ ...workerOptions(flags, deps), modules: urls, logger });
  if (running.healthUrl !== undefined)
    logger.info({ event: "worker.health", healthUrl: running.healthUrl }, "serving /livez and /readyz");
  // From now on errors that nobody caught are the worker's: it charges, drains and ends.
  process.removeListener("uncaughtException", reportUncaught);
  await running.stopped;
  if (running.failure !== undefined) throw running.failure;
  return running.leftRunIds.length === 0 ? EXIT.ok : EXIT.failed;
}

function workerOptions(flags: WorkerFlags, { env }: CommandDeps): WorkerOptions {
  const { queues, concurrency, threads, maxRunsPerThread, threadMemory } = flags;
  const { ackWait, drainTimeout, healthPort, healthHost, name, replicas } = flags;
  return defined({
    ...connectionOptions(flags, env),
    queues,
    concurrency,
    threads,
    maxRunsPerThread,
    threadMemory: threadMemory === undefined ? undefined : { maxOldGenerationMb: threadMemory },
    ackWait,
    drainTimeout,
    replicas,
    workerName: name,
    health: healthPort === undefined ? undefined : { port: healthPort, ...defined({ host: healthHost }) },
  });
}

function createWorkerLogger(flags: WorkerFlags, { terminal, env }: CommandDeps): Logger {
  const pretty = terminal.out.interactive && !wantsJson(flags, env);
  return createLogger({ name: "umbel", pretty, ...defined({ level: flags.logLevel }) });
}
