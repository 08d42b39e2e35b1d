import type { InspectAnswers, InspectVerb, RequestArgs } from "@umbel/protocol";
import type { WorkerStatus } from "./worker-status.ts";

type Known = {
  readonly [Verb in InspectVerb]?: (worker: WorkerStatus, args: RequestArgs) => InspectAnswers[Verb];
};

/** What the registry can answer for a worker, and what it cannot. Pure. */
const KNOWN: Known = {
  stats: ({ state, ...entry }) => ({
    ...entry,
    state: state === "silent" || state === "lost" ? "running" : state,
  }),
  active: ({ runs, held }) => ({ runs, total: held }),
  registered: ({ tasks }) => tasks.map((name) => ({ name })),
  queues: ({ queues }) => queues.map((name) => ({ name })),
  query: ({ runs }, { runIds }) =>
    runs
      .filter(({ runId }) => Array.isArray(runIds) && runIds.includes(runId))
      .map((run) => ({ ...run, where: "active" as const })),
};

/** What the registry says in the place of `worker`; `undefined` when it cannot know. */
export function fromRegistry(verb: InspectVerb, worker: WorkerStatus, args: RequestArgs): unknown {
  return KNOWN[verb]?.(worker, args);
}
