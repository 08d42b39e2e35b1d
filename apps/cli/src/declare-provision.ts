import type { Command } from "commander";
import type { ProvisionFlags } from "./commands/provision.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { nameList, positiveDuration, replicas } from "./input/flag-values.ts";

/** Declare `umbel provision`. */
export function declareProvision(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "provision", [
    "umbel provision --replicas 3 --creds operator.creds",
    "umbel provision --queues media,mail",
  ])
    .summary("make what a mesh needs on its server")
    .description(
      "Make the streams of a mesh, and the consumers of some queues, as an operator: then workers need not be allowed " +
        "to. What is there and right is left alone; what was changed is told.",
    )
    .option("--queues <a,b>", "make the consumers of these queues, too", nameList)
    .option(
      "--replicas <number>",
      "copies of streams that are made: 1, 3, 5 (default: 3 on a cluster, else 1)",
      replicas,
    )
    .option(
      "--ack-wait <duration>",
      "how soon a dead worker's runs go to others (default: 30s)",
      positiveDuration,
    );
  addJsonFlag(addConnectionFlags(command)).action((flags: ProvisionFlags) =>
    run(deps, flags, async () => (await import("./commands/provision.ts")).provision(flags, deps)),
  );
}
