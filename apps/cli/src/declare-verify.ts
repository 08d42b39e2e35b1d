import type { Command } from "commander";
import type { VerifyFlags } from "./commands/verify.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { nameList, positiveDuration, wholeNumber } from "./input/flag-values.ts";

/** Declare `umbel verify`. */
export function declareVerify(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "verify", [
    "umbel verify --server nats://nats.example.org",
    "umbel verify --for 10m --seed 7 --faults worker-kill,partition --yes --json | jq .violations",
  ])
    .summary("put a cluster under load and faults, and check every promise")
    .description(
      "Run producers and workers of its own against a cluster, in a mesh of its own that is removed at the end; kill, stop and cut them off; check every promise. The exit code is 1 when one was broken.",
    )
    .option("--for <duration>", "how long the load lasts (default: 1m)", positiveDuration)
    .option("--seed <number>", "decides everything: the same seed does the same (default: any)", SEED)
    .option("--faults <a,b>", "only these (default: all that are possible)", nameList)
    .option("--rate <number>", "enqueues a second (default: 40)", wholeNumber(1, 1_000))
    .option("--yes", "do not ask");
  addJsonFlag(addConnectionFlags(command)).action((flags: VerifyFlags) =>
    run(deps, flags, async () => (await import("./commands/verify.ts")).verify(flags, deps)),
  );
}

const SEED = wholeNumber(0, 999_999_999);
