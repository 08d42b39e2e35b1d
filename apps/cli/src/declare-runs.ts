import type { Command } from "commander";
import type { CancelFlags } from "./commands/cancel.ts";
import type { RunsFlags } from "./commands/runs.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { nameList, wholeNumber } from "./input/flag-values.ts";

/** Declare `umbel runs`. */
export function declareRuns(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "runs", [
    "umbel runs",
    "umbel runs --state queued,running --queue media --limit 500",
    "umbel runs --state failed --since 1h --json | jq -r '.runs[].runId'",
  ])
    .summary("list runs")
    .description("List runs: first those that have not ended, then those that have, the oldest first.")
    .option(
      "--state <a,b>",
      "scheduled, queued, running, retrying, succeeded, failed, cancelled, expired",
      nameList,
    )
    .option("--queue <name>", "only of this queue")
    .option("--task <name>", "only of this task")
    .option("--tag <text>", "only with this tag")
    .option("--key <text>", "only with this key, and not ended")
    .option("--since <time>", "ended, or enqueued if it has not, at or after: 1h ago, 2027-01-01T09:00:00Z")
    .option("--until <time>", "likewise, before")
    .option("--limit <number>", "how many", wholeNumber(1, 1_000), 100)
    .option("--after <cursor>", "go on behind an earlier list");
  addJsonFlag(addConnectionFlags(command)).action((flags: RunsFlags) =>
    run(deps, flags, async () => (await import("./commands/runs.ts")).runs(flags, deps)),
  );
}

/** Declare `umbel cancel`. */
export function declareCancel(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "cancel", [
    "umbel cancel 06FQK3Z7J4XW0000",
    "umbel cancel --task media.thumbnail --tag import --reason 'imported twice'",
    "umbel cancel --queue media --state queued,scheduled --yes",
  ])
    .argument("[ids...]", "the ids of runs")
    .summary("cancel runs, by their ids or all that match")
    .description("Cancel runs wherever they are, workers or none: by their ids, or all that match.")
    .option("--state <a,b>", "scheduled, queued, running, retrying", nameList)
    .option("--queue <name>", "all of this queue")
    .option("--task <name>", "all of this task")
    .option("--tag <text>", "all with this tag")
    .option("--key <text>", "all with this key")
    .option("--all", "every run of the mesh that has not ended")
    .option("--reason <text>", "kept with the run, and told to whoever awaits it")
    .option("--by <name>", "who asks, kept likewise (default: your user name)")
    .option("--yes", "do not ask");
  addJsonFlag(addConnectionFlags(command)).action((ids: readonly string[], flags: CancelFlags) =>
    run(deps, flags, async () => (await import("./commands/cancel.ts")).cancel(ids, flags, deps)),
  );
}
