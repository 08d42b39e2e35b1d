import type { RunQuery } from "@umbel/client";
import { defined } from "./input/defined.ts";

/** What flags say of the runs that are meant. */
export interface RunFilterFlags {
  readonly state?: readonly string[];
  readonly queue?: string;
  readonly task?: string;
  readonly tag?: string;
  readonly key?: string;
  readonly since?: string;
  readonly until?: string;
}

/** The filter that flags describe; states are checked by whoever takes it. */
export function runQuery({ state, queue, task, tag, key, since, until }: RunFilterFlags): RunQuery {
  return trust(defined({ state, queue, task, tag, key, since, until }));
}

// The client checks every field, and names the nearest state.
function trust(query: object): RunQuery {
  return query;
}
