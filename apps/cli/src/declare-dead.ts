import type { Command } from "commander";
import type { DeadDiscardFlags } from "./commands/dead-discard.ts";
import type { DeadListFlags } from "./commands/dead-list.ts";
import type { DeadRedriveFlags } from "./commands/dead-redrive.ts";
import type { DeadShowFlags } from "./commands/dead-show.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { rate, wholeNumber } from "./input/flag-values.ts";

/** Declare `umbel dead` and its commands. */
export function declareDead(program: Command, deps: ProgramDeps): void {
  const dead = subcommand(program, "dead", [
    "umbel dead list --group",
    "umbel dead show 06FQK3Z7J4XW0000",
    "umbel dead redrive --fingerprint 0bdae1a6d4ddf93f --rate 100/s",
  ])
    .summary("look at dead letters, redrive or discard them")
    .description("Look at the runs that will not be tried again, put them back to work, or discard them.");
  declareList(dead, deps);
  declareShow(dead, deps);
  declareRedrive(dead, deps);
  declareDiscard(dead, deps);
}

function addFilterFlags(command: Command): Command {
  return command
    .option("--queue <name>", "only of this queue")
    .option("--task <name>", "only of this task")
    .option("--reason <reason>", "exhausted, discarded, unknown-task, undecodable or crash-loop")
    .option("--fingerprint <hex>", "only with errors of this kind: dead list --group tells it")
    .option("--tag <text>", "only with this tag");
}

function declareList(dead: Command, deps: ProgramDeps): void {
  const command = subcommand(dead, "list", [
    "umbel dead list",
    "umbel dead list --group",
    "umbel dead list --task media.thumbnail --reason exhausted --json",
  ])
    .summary("list dead letters, or count them by error")
    .description("List dead letters, the oldest first, or count them by the kind of their error.")
    .option("--group", "count them by the kind of their last error");
  addFilterFlags(command)
    .option("--limit <number>", "how many", wholeNumber(1, 1_000), 100)
    .option("--after <cursor>", "go on behind an earlier list");
  addJsonFlag(addConnectionFlags(command)).action((flags: DeadListFlags) =>
    run(deps, flags, async () => (await import("./commands/dead-list.ts")).deadList(flags, deps)),
  );
}

function declareShow(dead: Command, deps: ProgramDeps): void {
  const command = subcommand(dead, "show", ["umbel dead show 06FQK3Z7J4XW0000"])
    .argument("<id>", "the id of a dead run")
    .summary("show all that a dead letter holds")
    .description("Show a dead letter: its errors, its headers, its input.");
  addJsonFlag(addConnectionFlags(command)).action((id: string, flags: DeadShowFlags) =>
    run(deps, flags, async () => (await import("./commands/dead-show.ts")).deadShow(id, flags, deps)),
  );
}

function declareRedrive(dead: Command, deps: ProgramDeps): void {
  const command = subcommand(dead, "redrive", [
    "umbel dead redrive 06FQK3Z7J4XW0000",
    `umbel dead redrive 06FQK3Z7J4XW0000 --input '{"size":7}' --to-queue repairs`,
    "umbel dead redrive --task media.thumbnail --rate 100/s --yes",
  ])
    .argument("[ids...]", "the ids of dead runs")
    .summary("put dead runs back to work")
    .description("Put dead runs back to work as new runs, by their ids or all that match; each gives one.");
  addFilterFlags(command)
    .option("--all", "every dead letter of the mesh")
    .option("--input <json>", "another input, for one id: JSON, @file, or - for standard input")
    .option("--to-queue <name>", "another queue (default: the one that it died in)")
    .option("--rate <rate>", "no faster than this: 100/s, 30/m, 5/h", rate)
    .option("--yes", "do not ask");
  addJsonFlag(addConnectionFlags(command)).action((ids: readonly string[], flags: DeadRedriveFlags) =>
    run(deps, flags, async () => (await import("./commands/dead-redrive.ts")).deadRedrive(ids, flags, deps)),
  );
}

function declareDiscard(dead: Command, deps: ProgramDeps): void {
  const command = subcommand(dead, "discard", [
    "umbel dead discard 06FQK3Z7J4XW0000",
    "umbel dead discard --reason undecodable --yes",
  ])
    .argument("[ids...]", "the ids of dead runs")
    .summary("remove dead letters for good")
    .description("Remove dead letters for good, by their ids or all that match.");
  addFilterFlags(command).option("--all", "every dead letter of the mesh").option("--yes", "do not ask");
  addJsonFlag(addConnectionFlags(command)).action((ids: readonly string[], flags: DeadDiscardFlags) =>
    run(deps, flags, async () => (await import("./commands/dead-discard.ts")).deadDiscard(ids, flags, deps)),
  );
}
