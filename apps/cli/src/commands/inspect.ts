import type { Inspected, InspectOptions, InspectVerb, Mesh } from "@umbel/client";
import { checkRunId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { renderJson } from "../output/json.ts";
import { withClient } from "../with-client.ts";
import { chooseVerb } from "../workers/choose-verb.ts";
import { inspectText } from "../workers/inspect-text.ts";
import { INSPECT_SHAPES } from "../workers/inspect-verbs.ts";

/** The flags of `umbel inspect`. */
export interface InspectFlags extends ConnectionFlags, JsonFlag {
  readonly worker?: readonly string[];
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Ask workers. The exit code is 1 when nobody is there, or one is told by nobody. */
export async function inspect(
  name: string,
  { args: given, flags }: { readonly args: readonly string[]; readonly flags: InspectFlags },
  deps: CommandDeps,
): Promise<number> {
  const { verb, args } = chooseVerb(name, given, INSPECT_SHAPES);
  for (const id of args) checkRunId(id, "<ids>");
  const options = defined({ workers: flags.worker, timeout: flags.timeout });
  const answers = await withClient({ flags, options: { provision: false } }, deps, (mesh) =>
    ask(mesh, verb, { args, options }),
  );
  const { out } = deps.terminal;
  if (wantsJson(flags, deps.env)) out.line(renderJson({ verb, workers: answers }));
  else out.line(inspectText(answers, out.paint));
  const known = answers.some(({ source }) => source === "live" || source === "registry");
  return known && answers.every(isTold) ? EXIT.ok : EXIT.failed;
}

function ask(
  { inspect: asking }: Mesh,
  verb: InspectVerb,
  { args, options }: { readonly args: readonly string[]; readonly options: InspectOptions },
): Promise<readonly Inspected<unknown>[]> {
  return verb === "query" ? asking.query(args, options) : asking[verb](options);
}

// That one has ended is no failure.
function isTold(answer: Inspected<unknown>): boolean {
  if (answer.source === "none") return answer.why === "lost";
  return answer.source !== "refused";
}
