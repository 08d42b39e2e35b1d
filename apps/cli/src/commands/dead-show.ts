import { checkRunId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { letterDetailsJson } from "../output/dead-json.ts";
import { letterText } from "../output/dead-text.ts";
import { renderJson } from "../output/json.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel dead show`. */
export interface DeadShowFlags extends ConnectionFlags, JsonFlag {}

/** Show all that the dead letter of the run `id` holds. */
export async function deadShow(id: string, flags: DeadShowFlags, deps: CommandDeps): Promise<number> {
  const runId = checkRunId(id, "<id>");
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const letter = await mesh.deadLetters.show(runId);
    const { out } = deps.terminal;
    if (wantsJson(flags, deps.env)) out.line(renderJson(letterDetailsJson(letter)));
    else out.line(letterText(letter, { paint: out.paint, now: Date.now() }));
    return EXIT.ok;
  });
}
