import type { ControlResult, ControlVerb, Mesh } from "@umbel/client";
import { invalidArgument } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { confirm, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { renderJson } from "../output/json.ts";
import { withClient } from "../with-client.ts";
import { chooseVerb, type ChosenVerb } from "../workers/choose-verb.ts";
import { didAll, tellReplies } from "../workers/control-text.ts";
import { CONTROL_SHAPES, DESTRUCTIVE } from "../workers/control-verbs.ts";
import { tellWorkers } from "../workers/tell-workers.ts";
import { cancel } from "./cancel.ts";
import { queuesPause } from "./queues-pause.ts";
import { queuesResume } from "./queues-resume.ts";

/** The flags of `umbel control`. */
export interface ControlFlags extends ConnectionFlags, JsonFlag, YesFlag {
  readonly worker?: readonly string[];
  readonly all?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly concurrency?: number;
  readonly threads?: number;
  readonly now?: boolean;
  readonly reason?: string;
  readonly by?: string;
}

/** Tell workers. The exit code is 1 when one of them refuses, or does not answer. */
export async function control(
  name: string,
  { args: given, flags }: { readonly args: readonly string[]; readonly flags: ControlFlags },
  deps: CommandDeps,
): Promise<number> {
  const { verb, args } = chooseVerb(name, given, CONTROL_SHAPES);
  const [queue = ""] = args;
  const rest = { ...connectionOf(flags), ...defined({ reason: flags.reason, by: flags.by }) };
  switch (verb) {
    case "cancel":
      return cancel(args, rest, deps);
    case "pause-queue":
      return queuesPause(queue, rest, deps);
    case "resume-queue":
      return queuesResume(queue, connectionOf(flags), deps);
    default:
      return tell({ verb, args }, flags, deps);
  }
}

async function tell(
  { verb, args }: ChosenVerb<ControlVerb>,
  flags: ControlFlags,
  deps: CommandDeps,
): Promise<number> {
  const target = verb === "terminate" ? "all" : targetOf(verb, flags);
  const asked = DESTRUCTIVE.has(verb);
  if (asked && !(await confirm(questionOf({ verb, args }, target), flags, deps))) return EXIT.failed;
  const result = await withClient({ flags, options: { provision: false } }, deps, (mesh) =>
    verb === "terminate"
      ? terminate(mesh, args, flags)
      : tellWorkers(verb, mesh, {
          telling: { args, sizes: sizesOf(flags), now: flags.now ?? false },
          options: { workers: target, ...optionsOf(flags) },
        }),
  );
  if (wantsJson(flags, deps.env)) deps.terminal.out.line(renderJson({ verb, ...result }));
  else tellReplies(verb, result, deps.terminal);
  return didAll(result, target) ? EXIT.ok : EXIT.failed;
}

async function terminate(
  mesh: Mesh,
  runIds: readonly string[],
  flags: ControlFlags,
): Promise<ControlResult<unknown>> {
  const { reason } = flags;
  const { cancelled, ended } = await mesh.control.terminate(runIds, {
    ...optionsOf(flags),
    ...defined({ reason }),
  });
  const told = { ...ended, cancelled };
  return told;
}

function optionsOf({ timeout, by }: ControlFlags): { timeout?: number; by?: string } {
  return defined({ timeout, by });
}

function sizesOf({ concurrency, threads }: ControlFlags): { concurrency?: number; threads?: number } {
  return defined({ concurrency, threads });
}

function connectionOf(flags: ControlFlags): ConnectionFlags & JsonFlag & YesFlag {
  const { server, mesh, creds, user, password, token, inboxPrefix, json, yes } = flags;
  return defined({ server, mesh, creds, user, password, token, inboxPrefix, json, yes });
}

function targetOf(verb: string, { worker, all }: ControlFlags): "all" | readonly string[] {
  if (worker !== undefined && all !== true) return worker;
  if (worker === undefined && all === true) return "all";
  throw invalidArgument({
    field: verb,
    received: worker === undefined ? "no worker" : "--worker and --all",
    expected: "either --worker <a,b> or --all",
  });
}

function questionOf({ verb, args }: ChosenVerb<ControlVerb>, target: "all" | readonly string[]): string {
  if (verb === "terminate") return `End ${args.join(", ")} at once, wherever they execute?`;
  const whom = target === "all" ? "every worker" : target.join(", ");
  return `Tell ${whom}: ${[verb, ...args].join(" ")}?`;
}
