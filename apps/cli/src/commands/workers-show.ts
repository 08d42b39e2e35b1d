import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { renderJson } from "../output/json.ts";
import { withClient } from "../with-client.ts";
import { workerText } from "../workers/workers-text.ts";
import { workerJson } from "./workers-list.ts";

/** The flags of `umbel workers show`. */
export interface WorkersShowFlags extends ConnectionFlags, JsonFlag {}

/** Show all that the registry knows of one worker. */
export async function workersShow(
  worker: string,
  flags: WorkersShowFlags,
  deps: CommandDeps,
): Promise<number> {
  const found = await withClient({ flags, options: { provision: false } }, deps, (mesh) =>
    mesh.workers.get(worker),
  );
  const { out } = deps.terminal;
  if (wantsJson(flags, deps.env)) out.line(renderJson(workerJson(found)));
  else out.line(workerText(found, { paint: out.paint, now: Date.now() }));
  return EXIT.ok;
}
