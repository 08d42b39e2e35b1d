import type { WorkerFilter, WorkerStatus } from "@umbel/client";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { renderJson } from "../output/json.ts";
import { isoTime } from "../output/time.ts";
import { withClient } from "../with-client.ts";
import { workersText } from "../workers/workers-text.ts";

/** The flags of `umbel workers list`. */
export interface WorkersListFlags extends ConnectionFlags, JsonFlag {
  readonly state?: readonly string[];
  readonly queue?: string;
  readonly task?: string;
  readonly host?: string;
}

/** List workers, as they told of themselves last. */
export async function workersList(flags: WorkersListFlags, deps: CommandDeps): Promise<number> {
  const { state, queue, task, host } = flags;
  const filter = trust(defined({ state, queue, task, host }));
  const workers = await withClient({ flags, options: { provision: false } }, deps, (mesh) =>
    mesh.workers.list(filter),
  );
  const { out } = deps.terminal;
  if (wantsJson(flags, deps.env)) out.line(renderJson({ workers: workers.map(workerJson) }));
  else out.line(workersText(workers, { paint: out.paint, now: Date.now() }));
  return EXIT.ok;
}

/** A worker for programs. */
export function workerJson(worker: WorkerStatus): object {
  const { at, startedAt, runs } = worker;
  const held = runs.map((run) => ({ ...run, startedAt: isoTime(run.startedAt) }));
  return { ...worker, at: isoTime(at), startedAt: isoTime(startedAt), runs: held };
}

// The client checks it, and says what is accepted.
function trust(filter: object): WorkerFilter {
  return filter;
}
