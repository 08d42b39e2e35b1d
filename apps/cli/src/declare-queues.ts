import { Option, type Command } from "commander";
import type { CommandDeps } from "./command-deps.ts";
import type { QueuesConfigureFlags } from "./commands/queues-configure.ts";
import type { QueuesListFlags } from "./commands/queues-list.ts";
import type { QueuesPauseFlags } from "./commands/queues-pause.ts";
import type { QueuesPurgeFlags } from "./commands/queues-purge.ts";
import type { QueuesResumeFlags } from "./commands/queues-resume.ts";
import { addConnectionFlags, addJsonFlag, type JsonFlag } from "./connection-flags.ts";
import { positiveDuration, wholeNumber } from "./input/flag-values.ts";

/** How a command is declared and run. */
export interface Declaring {
  readonly deps: CommandDeps;
  subcommand(program: Command, name: string, examples: readonly string[]): Command;
  run(flags: JsonFlag, work: () => Promise<number>): Promise<void>;
}

/** Declare `umbel queues` with its commands. */
export function declareQueues(program: Command, declaring: Declaring): void {
  const queues = program
    .command("queues")
    .summary("show, pause, resume, configure and purge queues")
    .description("Show, pause, resume, configure and purge queues.");
  declareList(queues, declaring);
  declarePause(queues, declaring);
  declareResume(queues, declaring);
  declareConfigure(queues, declaring);
  declarePurge(queues, declaring);
}

function declareList(queues: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(queues, "list", ["umbel queues list", "umbel queues list --json | jq .queues"])
    .summary("show every queue with what waits and runs in it")
    .description("Show every queue with what waits and runs in it.");
  addJsonFlag(addConnectionFlags(command)).action((flags: QueuesListFlags) =>
    run(flags, async () => (await import("./commands/queues-list.ts")).queuesList(flags, deps)),
  );
}

function declarePause(queues: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(queues, "pause", [
    "umbel queues pause media",
    'umbel queues pause media --for 30m --reason "the store is being moved" --by ada',
  ])
    .argument("<queue>", "the name of a queue")
    .summary("let no run of a queue start, on any worker")
    .description("Let no run of a queue start, on any worker. What runs finishes, and enqueueing goes on.")
    .addOption(
      new Option("--for <duration>", "how long (default: until it is resumed)")
        .argParser(positiveDuration)
        .conflicts("until"),
    )
    .option("--until <time>", "when it ends: 2027-01-01T09:00:00+01:00")
    .option("--reason <text>", "why, for whoever wonders")
    .option("--by <name>", "who asked");
  addJsonFlag(addConnectionFlags(command)).action((queue: string, flags: QueuesPauseFlags) =>
    run(flags, async () => (await import("./commands/queues-pause.ts")).queuesPause(queue, flags, deps)),
  );
}

function declareResume(queues: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(queues, "resume", ["umbel queues resume media"])
    .argument("<queue>", "the name of a queue")
    .summary("let the runs of a paused queue start again")
    .description("Let the runs of a paused queue start again.");
  addJsonFlag(addConnectionFlags(command)).action((queue: string, flags: QueuesResumeFlags) =>
    run(flags, async () => (await import("./commands/queues-resume.ts")).queuesResume(queue, flags, deps)),
  );
}

function declareConfigure(queues: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(queues, "configure", ["umbel queues configure orders --lanes 32"])
    .argument("<queue>", "the name of a queue")
    .summary("set how many lanes a queue has")
    .description("Set how many lanes a queue has for runs with keys. Only while none of them is in it.")
    .requiredOption("--lanes <number>", "1 to 32", wholeNumber(1, 32));
  addJsonFlag(addConnectionFlags(command)).action((queue: string, flags: QueuesConfigureFlags) =>
    run(flags, async () =>
      (await import("./commands/queues-configure.ts")).queuesConfigure(queue, flags, deps),
    ),
  );
}

function declarePurge(queues: Command, { deps, subcommand, run }: Declaring): void {
  const command = subcommand(queues, "purge", [
    "umbel queues purge media",
    'umbel queues purge media --reason "imported twice" --yes',
  ])
    .argument("<queue>", "the name of a queue")
    .summary("cancel every run of a queue that waits")
    .description(
      "Cancel every run of a queue that waits, is scheduled or is to be tried again, after it was asked for. " +
        "What runs is left alone. Whoever awaits a result is told.",
    )
    .option("--reason <text>", 'kept with each run (default: "the queue was purged")')
    .option("--by <name>", "who asks, kept likewise (default: your user name)")
    .option("--yes", "do not ask");
  addJsonFlag(addConnectionFlags(command)).action((queue: string, flags: QueuesPurgeFlags) =>
    run(flags, async () => (await import("./commands/queues-purge.ts")).queuesPurge(queue, flags, deps)),
  );
}
