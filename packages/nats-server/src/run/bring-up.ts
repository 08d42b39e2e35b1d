import { mkdir, writeFile } from "node:fs/promises";
import { requireFreePort } from "./ports.ts";
import { untilReady } from "./readiness.ts";
import { renderConfig } from "./server-config.ts";
import type { ServerPlan } from "./server-plan.ts";
import { type ServerProcess, launchServer } from "./server-process.ts";
import { describeExit, startFailure } from "./start-failure.ts";
import { requireFreeStore } from "./store-owner.ts";

/**
 * Start the server of a plan and wait until it is ready: alone until JetStream answers, in a cluster until
 * it takes connections, for alone it has no JetStream to wait for.
 *
 * @throws UmbelError `server_failed` when it does not get there, with nothing left running; the signal's
 * reason when aborted.
 */
export async function bringUp(plan: ServerPlan, signal?: AbortSignal): Promise<ServerProcess> {
  await prepare(plan);
  signal?.throwIfAborted();
  const server = await launchServer({
    binary: plan.binary.path,
    configFile: plan.configFile,
    logFile: plan.logFile,
    temporaryDir: plan.temporary ? plan.config.storeDir : undefined,
  });
  const failure = await waitForStart(plan, server, signal);
  if (failure === undefined) return server;
  server.end("SIGKILL");
  await server.exited;
  signal?.throwIfAborted();
  throw await startFailure(failure, plan.logFile);
}

async function prepare({ config, configFile }: ServerPlan): Promise<void> {
  await mkdir(config.storeDir, { recursive: true });
  await requireFreeStore({ storeDir: config.storeDir, pidFile: config.pidFile, configFile });
  for (const port of [config.port, config.monitorPort, config.cluster?.port]) {
    if (port !== undefined) await requireFreePort(port);
  }
  await writeFile(configFile, renderConfig(config));
}

/** What went wrong; `undefined` when the server is ready. */
async function waitForStart(
  { config, startTimeoutMs }: ServerPlan,
  server: ServerProcess,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const ended = new AbortController();
  const giveUp = [
    ended.signal,
    AbortSignal.timeout(startTimeoutMs),
    ...(signal === undefined ? [] : [signal]),
  ];
  const condition = { port: config.port, name: config.name, jetStream: config.cluster === undefined };
  const exit = server.exited.then(describeExit);
  try {
    return await Promise.race([
      exit,
      untilReady(condition, AbortSignal.any(giveUp)).then((reason) =>
        reason === undefined ? undefined : `it was not ready within ${startTimeoutMs} ms, because ${reason}`,
      ),
    ]);
  } finally {
    ended.abort();
  }
}
