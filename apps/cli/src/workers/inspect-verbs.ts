import type { InspectVerb } from "@umbel/client";
import type { VerbShape } from "./choose-verb.ts";

/** The verbs of `umbel inspect`. */
export const INSPECT_SHAPES: Readonly<Record<InspectVerb, VerbShape>> = {
  ping: { args: [], about: "who is there, and answers" },
  stats: { args: [], about: "slots, counters, memory, event loop" },
  active: { args: [], about: "the runs that are executed" },
  reserved: { args: [], about: "the runs that wait on a worker for a slot" },
  scheduled: { args: [], about: "the runs that wait on a worker for their time" },
  registered: { args: [], alias: "registered-tasks", about: "the tasks that there are handlers for" },
  queues: { args: [], alias: "active-queues", about: "the queues that are pulled from" },
  query: { args: ["<ids...>"], alias: "query-task", about: "which worker has these runs" },
  conf: { args: [], about: "how workers are configured, without secrets" },
  report: { args: [], about: "what workers run on, for a bug report" },
};
