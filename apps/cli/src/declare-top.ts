import type { Command } from "commander";
import type { TopFlags } from "./commands/top.ts";
import { addConnectionFlags } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { lookInterval } from "./input/flag-values.ts";

/** Declare `umbel top`. */
export function declareTop(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "top", ["umbel top", "umbel top --interval 5s --mesh shop"])
    .summary("show queues, workers, runs and dead letters, live")
    .description(
      "Show queues, workers, runs and dead letters, live, until q. Keys sort, filter and pause; ? tells.",
    )
    .option("--interval <duration>", "time between two looks, at least 200ms (default: 1s)", lookInterval);
  addConnectionFlags(command).action((flags: TopFlags) =>
    run(deps, {}, async () => (await import("./commands/top.ts")).top(flags, deps)),
  );
}
