import type { Command } from "commander";
import type { AuditFlags } from "./commands/audit.ts";
import type { ControlFlags } from "./commands/control.ts";
import type { InspectFlags } from "./commands/inspect.ts";
import { addConnectionFlags, addJsonFlag } from "./connection-flags.ts";
import { run, subcommand, type ProgramDeps } from "./declare.ts";
import { nameList, positiveDuration, wholeNumber } from "./input/flag-values.ts";
import { verbLines } from "./workers/choose-verb.ts";
import { CONTROL_SHAPES } from "./workers/control-verbs.ts";
import { INSPECT_SHAPES } from "./workers/inspect-verbs.ts";

/** Declare `umbel inspect`, `umbel control` and `umbel audit`. */
export function declareControl(program: Command, deps: ProgramDeps): void {
  declareInspect(program, deps);
  declareTell(program, deps);
  declareAudit(program, deps);
}

function declareInspect(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "inspect", [
    "umbel inspect active",
    "umbel inspect stats --worker media-1 --json | jq",
    "umbel inspect query 06FQK3Z7J4XW0000",
  ])
    .argument("<verb>", "what to ask")
    .argument("[args...]", "what the verb takes")
    .summary("ask workers what they are doing")
    .description(
      "Ask workers what they are doing. For one that does not answer, what it told of itself last is shown.",
    )
    .addHelpText("after", `\nVerbs, or what Celery calls them:\n${verbLines(INSPECT_SHAPES)}`)
    .option("--worker <a,b>", "their ids or names (default: all)", nameList)
    .option("--timeout <duration>", "how long to wait (default: 2s)", positiveDuration);
  addJsonFlag(addConnectionFlags(command)).action(
    (verb: string, args: readonly string[], flags: InspectFlags) =>
      run(deps, flags, async () =>
        (await import("./commands/inspect.ts")).inspect(verb, { args, flags }, deps),
      ),
  );
}

function declareTell(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "control", [
    "umbel control rate-limit mail.send 5/s --all",
    "umbel control add-queue media --worker media-1,media-2",
    "umbel control shutdown --worker media-1 --yes",
  ])
    .argument("<verb>", "what to tell")
    .argument("[args...]", "what the verb takes")
    .summary("tell workers what to do")
    .description(
      "Tell workers what to do. It lasts for as long as each of them: a new one begins with its own options.",
    )
    .addHelpText("after", `\nVerbs, or what Celery calls them:\n${verbLines(CONTROL_SHAPES)}`)
    .option("--worker <a,b>", "their ids or names", nameList)
    .option("--all", "every worker of the mesh")
    .option("--timeout <duration>", "how long to wait for answers (default: 2s)", positiveDuration)
    .option("--concurrency <number>", "of resize: runs at a time on the loop", wholeNumber(1, 10_000))
    .option("--threads <number>", "of resize: runs at a time on threads", wholeNumber(1, 1_024))
    .option("--now", "of shutdown: do not wait for what executes")
    .option("--reason <text>", "of cancel, terminate and pause-queue: why")
    .option("--by <name>", "who asks, for the record (default: your user name)")
    .option("--yes", "do not ask");
  addJsonFlag(addConnectionFlags(command)).action(
    (verb: string, args: readonly string[], flags: ControlFlags) =>
      run(deps, flags, async () =>
        (await import("./commands/control.ts")).control(verb, { args, flags }, deps),
      ),
  );
}

function declareAudit(program: Command, deps: ProgramDeps): void {
  const command = subcommand(program, "audit", [
    "umbel audit",
    "umbel audit --since 30d --action worker.shutdown --json | jq '.entries[]'",
  ])
    .summary("show what operators did")
    .description("Show what operators did: who, when, to what, and what came of it. Kept for 90 days.")
    .option("--since <duration>", "from so long ago (default: 1d)", positiveDuration)
    .option("--action <name>", "only this: queue.pause, run.cancel, worker.drain …")
    .option("--limit <number>", "the latest so many (default: 100)", wholeNumber(1, 10_000));
  addJsonFlag(addConnectionFlags(command)).action((flags: AuditFlags) =>
    run(deps, flags, async () => (await import("./commands/audit.ts")).audit(flags, deps)),
  );
}
