import { PRIORITIES } from "@umbel/protocol";
import { Command, Option } from "commander";
import type { CallFlags } from "./commands/call.ts";
import type { EventsFlags } from "./commands/events.ts";
import type { DoctorFlags } from "./commands/doctor.ts";
import type { ResultFlags } from "./commands/result.ts";
import type { ServerFlags } from "./commands/server.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { declareCompletion } from "./declare-completion.ts";
import { declareProvision } from "./declare-provision.ts";
import { declareControl } from "./declare-control.ts";
import { declareWorkers } from "./declare-workers.ts";
import { declareQueues, type Declaring } from "./declare-queues.ts";
import { declareSchedules } from "./declare-schedules.ts";
import { declareDead } from "./declare-dead.ts";
import { declareCancel, declareRuns } from "./declare-runs.ts";
import { declareTop } from "./declare-top.ts";
import { declareDev, declareWorker } from "./declare-worker.ts";
import { readConfigFirst, run, subcommand, type ProgramDeps } from "./declare.ts";
import { declareVerify } from "./declare-verify.ts";
import {
  duration,
  headerPair,
  nameList,
  positiveDuration,
  waitLimit,
  wholeNumber,
} from "./input/flag-values.ts";
import { addServerFlags } from "./local-flags.ts";
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
  readConfigFirst(program, deps);
  declareServer(program, deps);
  declareDev(program, deps);
  declareWorker(program, deps);
  declareCall(program, deps);
  declareResult(program, deps);
  declareRuns(program, deps);
  declareCancel(program, deps);
  declareDead(program, deps);
  const declaring: Declaring = { deps, subcommand, run: (flags, work) => run(deps, flags, work) };
  declareQueues(program, declaring);
  declareSchedules(program, declaring);
  declareWorkers(program, deps);
  declareControl(program, deps);
  declareDoctor(program, deps);
  declareEvents(program, deps);
  declareTop(program, deps);
  declareProvision(program, deps);
  declareCompletion(program, deps);
  declareVerify(program, deps);
  return program;
}

const OVERVIEW = `
Exit codes: 0 it worked, 1 it failed, 2 called wrongly, 3 cannot connect.
UMBEL_DEBUG=1 shows where an error comes from; NO_COLOR=1 turns colours off.`;

function declareServer(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "server", [
    "umbel server",
    "umbel server --port 4333 --monitor 8222 --sync always",
  ])
    .summary("run a local NATS server")
    .description(
      "Run a local NATS server with JetStream until Ctrl-C. For development: it listens on 127.0.0.1 only.",
    );
  addJsonFlag(addServerFlags(command), "write one line of JSON when the server is ready").action(
    (flags: ServerFlags) =>
      run(deps, flags, async () => (await import("./commands/server.ts")).server(flags, deps)),
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
    .option(
      "--queue <name>",
      'where it waits (default: as the modules of umbel.config.ts say, else "default")',
    )
    .addOption(
      new Option(
        "--priority <priority>",
        "(default: as the modules of umbel.config.ts say, else normal)",
      ).choices([...PRIORITIES]),
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
    .option("--monitor <url>", "the server's HTTP monitoring, which alone tells how it writes to the disk")
    .option(
      "--stuck-after <duration>",
      "for how long what workers hold may stand still (default: 10m)",
      positiveDuration,
    );
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
