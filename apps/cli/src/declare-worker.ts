import { Option, type Command } from "commander";
import type { DevFlags } from "./commands/dev.ts";
import type { WorkerFlags } from "./commands/worker.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { LOG_LEVELS, nameList, positiveDuration, replicas, wholeNumber } from "./input/flag-values.ts";
import { addServerFlags, PORT } from "./local-flags.ts";

const MODULES = "TypeScript or JavaScript files that export handlers (default: of umbel.config.ts)";

/** Declare `umbel worker`. */
export function declareWorker(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "worker", [
    "umbel worker ./handlers.ts",
    "umbel worker dist/media.js --queues media --threads 4 --health-port 8080",
  ])
    .argument("[modules...]", MODULES)
    .summary("run the handlers of some modules")
    .description(
      "Run a worker until Ctrl-C or SIGTERM; then its runs may finish, and a second signal hands them back at once.",
    );
  addJsonFlag(
    addConnectionFlags(addThreadFlags(addWorkerFlags(command))),
    "log JSON on a terminal too; files and pipes always get it",
  ).action((modules: readonly string[], flags: WorkerFlags) =>
    run(deps, flags, async () => (await import("./commands/worker.ts")).worker(modules, flags, deps)),
  );
}

function addThreadFlags(command: Command): Command {
  return command
    .option(
      "--threads <number>",
      "runs at a time on threads (default: one for each CPU)",
      wholeNumber(1, 1_024),
    )
    .option(
      "--max-runs-per-thread <number>",
      "replace a thread after so many runs (default: never)",
      wholeNumber(1, 1_000_000_000),
    )
    .option(
      "--thread-memory <megabytes>",
      "what the heap of each thread may grow to (default: V8's choice)",
      wholeNumber(16, 65_536),
    );
}

/** Declare `umbel dev`. */
export function declareDev(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "dev", [
    "umbel dev ./handlers.ts",
    "umbel dev --port 0 --store /tmp/scratch",
    "umbel dev ./handlers.ts --server nats://127.0.0.1:4222",
  ])
    .argument("[modules...]", MODULES)
    .summary("run a local server and a worker that starts anew on every change")
    .description(
      "Run a local server and a worker, until Ctrl-C. The worker starts anew whenever a module, or anything that it " +
        "imports, is saved. With --server it uses that one; what UMBEL_SERVER and umbel.config.ts say of servers and " +
        "users does not count.",
    );
  addJsonFlag(
    addConnectionFlags(addThreadFlags(addWorkerFlags(addServerFlags(command)))),
    "log JSON on a terminal too; files and pipes always get it",
  ).action((modules: readonly string[], flags: DevFlags) =>
    run(deps, flags, async () => (await import("./commands/dev.ts")).dev(modules, flags, deps)),
  );
}

function addWorkerFlags(command: Command): Command {
  return command
    .option("--queues <a,b>", "the queues to serve (default: those of the tasks)", nameList)
    .option(
      "--concurrency <number>",
      "runs at a time on the event loop (default: 50)",
      wholeNumber(1, 10_000),
    )
    .option(
      "--ack-wait <duration>",
      "how soon a dead worker's runs go to others (default: 30s)",
      positiveDuration,
    )
    .option(
      "--drain-timeout <duration>",
      "how long runs may finish when stopping (default: 25s)",
      positiveDuration,
    )
    .option("--health-port <port>", "serve /livez and /readyz here; 0 means a free port (default: off)", PORT)
    .option("--health-host <address>", "where to serve them (default: 127.0.0.1)")
    .option("--name <name>", "tells workers apart (default: host name and process id)")
    .option(
      "--replicas <number>",
      "copies of the streams, if this worker makes them: 1, 3, 5 (default: 1)",
      replicas,
    )
    .addOption(new Option("--log-level <level>", "(env UMBEL_LOG_LEVEL, default: info)").choices(LOG_LEVELS));
}
