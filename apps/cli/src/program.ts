import { PRIORITIES } from "@umbel/protocol";
import { Command, Option } from "commander";
import type { CallFlags } from "./commands/call.ts";
import type { EventsFlags } from "./commands/events.ts";
import type { DoctorFlags } from "./commands/doctor.ts";
import type { ResultFlags } from "./commands/result.ts";
import type { ServerFlags } from "./commands/server.ts";
import type { WorkerFlags } from "./commands/worker.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { declareQueues } from "./declare-queues.ts";
import { declareDead } from "./declare-dead.ts";
import { declareCancel, declareRuns } from "./declare-runs.ts";
import { declareVerify } from "./declare-verify.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import {
  duration,
  headerPair,
  LOG_LEVELS,
  nameList,
  positiveDuration,
  replicas,
  waitLimit,
  wholeNumber,
} from "./input/flag-values.ts";
import { parserOutput } from "./output/parser-output.ts";

/**
 * The command line of `umbel`: names, flags and help. What commands do is in `commands/`, and loaded when it is
 * asked for: help and complaints need none of it.
 */
export function createProgram(deps: ProgramDeps): Command {
  const program = new Command("umbel")
    .description("Distributed tasks for TypeScript on NATS JetStream.")
    .version(`umbel ${deps.version}`, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureOutput(parserOutput(deps.terminal))
    .configureHelp({ styleTitle: (title) => deps.terminal.out.paint("strong", title) })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText("after", OVERVIEW);
  declareServer(program, deps);
  declareWorker(program, deps);
  declareCall(program, deps);
  declareResult(program, deps);
  declareRuns(program, deps);
  declareCancel(program, deps);
  declareDead(program, deps);
  declareQueues(program, { deps, subcommand, run: (flags, work) => run(deps, flags, work) });
  declareDoctor(program, deps);
  declareEvents(program, deps);
  declareVerify(program, deps);
  return program;
}

const OVERVIEW = `
Exit codes: 0 it worked, 1 it failed, 2 called wrongly, 3 cannot connect.
UMBEL_DEBUG=1 shows where an error comes from; NO_COLOR=1 turns colours off.`;

const PORT = wholeNumber(0, 65_535);

function declareServer(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "server", [
    "umbel server",
    "umbel server --port 4333 --monitor 8222 --sync always",
  ])
    .summary("run a local NATS server")
    .description(
      "Run a local NATS server with JetStream until Ctrl-C. For development: it listens on 127.0.0.1 only.",
    )
    .option("--port <number>", "for clients; 0 means a free one", PORT, 4222)
    .option("--store <folder>", "where the data is kept (default: ./.umbel/nats)")
    .option("--monitor <port>", "serve HTTP monitoring here; 0 means a free port (default: off)", PORT)
    .option(
      "--sync <interval>",
      'how often writes are forced to the disk, or "always": before each answer',
      "1s",
    );
  addJsonFlag(command, "write one line of JSON when the server is ready").action((flags: ServerFlags) =>
    run(deps, flags, async () => (await import("./commands/server.ts")).server(flags, deps)),
  );
}

function declareWorker(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "worker", [
    "umbel worker ./handlers.ts",
    "umbel worker dist/media.js --queues media --threads 4 --health-port 8080",
  ])
    .argument("<modules...>", "TypeScript or JavaScript files that export handlers")
    .summary("run the handlers of some modules")
    .description(
      "Run a worker until Ctrl-C or SIGTERM; then its runs may finish, and a second signal hands them back at once.",
    )
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
  addJsonFlag(
    addConnectionFlags(addThreadFlags(command)),
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

function declareCall(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "call", [
    `umbel call mail.send --input '{"to":"ada@example.org"}'`,
    "umbel call math.add --input '[1,2]' --wait 10s | jq",
    "umbel call report --input @report.json --queue slow --delay 5m --id report-2027-01",
  ])
    .argument("<task>", "the name of a task")
    .summary("enqueue a run, and wait for its result if asked to")
    .description("Enqueue one run of a task, and wait for its result if asked to.")
    .option("--input <json>", "JSON, @file, or - for standard input (default: null)")
    .option("--wait [timeout]", "wait for the result, and write it alone to standard output", waitLimit)
    .optionsGroup("Run:")
    .option("--queue <name>", 'where it waits (default: "default", whatever the task\'s definition says)')
    .addOption(
      new Option("--priority <priority>", "(default: normal, whatever the definition says)").choices([
        ...PRIORITIES,
      ]),
    )
    .option("--delay <duration>", "not before this long from now", duration)
    .option("--at <time>", "not before this moment: 2027-01-01T09:00:00+01:00")
    .option("--expires <duration>", "give up if it has not started by then", positiveDuration)
    .option("--id <id>", "a run id of your own: the same id never makes a second run")
    .option("--key <text>", "runs of one key start one at a time, in order (default: none)")
    .option("--max-attempts <number>", "(default: the task's)", wholeNumber(1, 1_000))
    .option("--timeout <duration>", "of one attempt (default: the task's)", positiveDuration)
    .option("--header <name=value>", "for the handler; may be repeated", headerPair);
  addJsonFlag(addConnectionFlags(command)).action((task: string, flags: CallFlags) =>
    run(deps, flags, async () => (await import("./commands/call.ts")).call(task, flags, deps)),
  );
}

function declareResult(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "result", [
    "umbel result 06FQK3Z7J4XW0000",
    "umbel result report-2027-01 --wait 1m --json | jq .result",
  ])
    .argument("<id>", "the id of a run")
    .summary("show how a run stands")
    .description("Show how a run stands: its state, its times, its result or its errors.")
    .option("--wait [timeout]", "wait until the run has ended", waitLimit);
  addJsonFlag(addConnectionFlags(command)).action((id: string, flags: ResultFlags) =>
    run(deps, flags, async () => (await import("./commands/result.ts")).result(id, flags, deps)),
  );
}

function declareDoctor(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "doctor", [
    "umbel doctor",
    "umbel doctor --server nats://nats.example.org --creds me.creds --monitor http://nats.example.org:8222",
  ])
    .summary("examine the server and the mesh")
    .description("Examine the server and the mesh, and say what to do. It changes nothing.")
    .option("--monitor <url>", "the server's HTTP monitoring, which alone tells how it writes to the disk");
  addJsonFlag(addConnectionFlags(command)).action((flags: DoctorFlags) =>
    run(deps, flags, async () => (await import("./commands/doctor.ts")).doctor(flags, deps)),
  );
}

function declareEvents(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "events", [
    "umbel events --since 10m",
    "umbel events --type run.failed,run.dead_lettered --json | jq",
  ])
    .summary("show what happens in the mesh")
    .description("Show what happens in the mesh, one event a line, until Ctrl-C.")
    .option(
      "--since <duration>",
      "from so long ago, at most 24h (default: only what comes)",
      positiveDuration,
    )
    .option("--type <a,b>", "only these types", nameList)
    .option("--task <name>", "only of this task")
    .option("--queue <name>", "only of this queue")
    .option("--run <id>", "only of this run");
  addJsonFlag(addConnectionFlags(command)).action((flags: EventsFlags) =>
    run(deps, flags, async () => (await import("./commands/events.ts")).events(flags, deps)),
  );
}
