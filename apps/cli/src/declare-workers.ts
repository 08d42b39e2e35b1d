import type { Command } from "commander";
import type { ControlFlags } from "./commands/control.ts";
import type { InspectFlags } from "./commands/inspect.ts";
import type { WorkersListFlags } from "./commands/workers-list.ts";
import type { WorkersShowFlags } from "./commands/workers-show.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { nameList, positiveDuration, wholeNumber } from "./input/flag-values.ts";

/** Declare `umbel workers` and its commands. */
export function declareWorkers(program: Command, deps: ProgramDeps): void {
  const workers = subcommand(program, "workers", ["umbel workers list", "umbel workers drain media-1 --yes"])
    .summary("look at workers, drain, resize or end them")
    .description("Look at workers, drain, resize or end them.");
  declareList(workers, deps);
  declareShow(workers, deps);
  declarePing(workers, deps);
  declareTelling(workers, deps);
}

function declareList(workers: Command, deps: ProgramDeps): void {
  const command = subcommand(workers, "list", [
    "umbel workers list",
    "umbel workers list --state silent,lost",
    "umbel workers list --queue media --json | jq -r '.workers[].id'",
  ])
    .summary("list the workers, as they told of themselves last")
    .description(
      "List the workers, as they told of themselves last: without asking them. Who ended without a word is lost for ten minutes.",
    )
    .option("--state <a,b>", "running, draining, stopping, silent, lost", nameList)
    .option("--queue <name>", "only those that pull from it")
    .option("--task <name>", "only those that have a handler for it")
    .option("--host <name>", "only those on this host");
  addJsonFlag(addConnectionFlags(command)).action((flags: WorkersListFlags) =>
    run(deps, flags, async () => (await import("./commands/workers-list.ts")).workersList(flags, deps)),
  );
}

function declareShow(workers: Command, deps: ProgramDeps): void {
  const command = subcommand(workers, "show", ["umbel workers show media-1"])
    .argument("<worker>", "the id or name of a worker")
    .summary("show all that is known of a worker, and its runs")
    .description("Show all that is known of a worker, and its runs.");
  addJsonFlag(addConnectionFlags(command)).action((worker: string, flags: WorkersShowFlags) =>
    run(deps, flags, async () =>
      (await import("./commands/workers-show.ts")).workersShow(worker, flags, deps),
    ),
  );
}

function declarePing(workers: Command, deps: ProgramDeps): void {
  const command = subcommand(workers, "ping", ["umbel workers ping", "umbel workers ping media-1 media-2"])
    .argument("[workers...]", "their ids or names (default: all)")
    .summary("ask workers whether they answer")
    .description("Ask workers whether they answer.")
    .option("--timeout <duration>", "how long to wait (default: 2s)", positiveDuration);
  addJsonFlag(addConnectionFlags(command)).action((names: readonly string[], rest: InspectFlags) =>
    run(deps, rest, async () => {
      const { inspect } = await import("./commands/inspect.ts");
      const flags = names.length === 0 ? rest : { ...rest, worker: names };
      return inspect("ping", { args: [], flags }, deps);
    }),
  );
}

interface Teller {
  readonly verb: "drain" | "undrain" | "resize" | "shutdown";
  readonly summary: string;
  readonly example: string;
}

const TELLERS: readonly Teller[] = [
  {
    verb: "drain",
    summary: "have workers take no more runs, finish, and stay",
    example: "umbel workers drain media-1 --yes",
  },
  { verb: "undrain", summary: "have them take runs again", example: "umbel workers undrain media-1" },
  {
    verb: "resize",
    summary: "execute more or fewer runs at a time",
    example: "umbel workers resize media-1 --concurrency 100 --threads 8",
  },
  {
    verb: "shutdown",
    summary: "end workers, as SIGTERM does",
    example: "umbel workers shutdown media-1 --yes",
  },
];

function declareTelling(workers: Command, deps: ProgramDeps): void {
  for (const { verb, summary, example } of TELLERS) {
    const command = subcommand(workers, verb, [example, `umbel workers ${verb} --all`])
      .argument("[workers...]", "their ids or names")
      .summary(summary)
      .description(`${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`)
      .option("--all", "every worker of the mesh")
      .option("--timeout <duration>", "how long to wait for answers (default: 2s)", positiveDuration)
      .option("--by <name>", "who asks, for the record (default: your user name)")
      .option("--yes", "do not ask");
    if (verb === "resize") {
      command
        .option("--concurrency <number>", "runs at a time on the loop", wholeNumber(1, 10_000))
        .option("--threads <number>", "runs at a time on threads", wholeNumber(1, 1_024));
    }
    if (verb === "shutdown") command.option("--now", "do not wait for what executes: hand it back");
    addJsonFlag(addConnectionFlags(command)).action((names: readonly string[], rest: ControlFlags) =>
      run(deps, rest, async () => {
        const { control } = await import("./commands/control.ts");
        const flags = names.length === 0 ? rest : { ...rest, worker: names };
        return control(verb, { args: [], flags }, deps);
      }),
    );
  }
}
