import { encodeToken, isOutcomeState, type RunState } from "@umbel/protocol";
import type { ResolvedFilter } from "./run-query.ts";

/** One walk over a stream; a listing is one after another. Its letter begins the cursors of its pages. */
export type RunPhase =
  /** Over runs that have not ended. */
  | { readonly kind: "t" | "k"; readonly subjects: string }
  /** Over outcomes. */
  | { readonly kind: "r" };

/**
 * The walks that find every run of `filter`: what its queue, its task and its state say of the subjects is left
 * to the server. First runs that have not ended, so that none that ends meanwhile is missed. Pure.
 */
export function runPhases(mesh: string, filter: ResolvedFilter): readonly RunPhase[] {
  const has = (...states: RunState[]): boolean =>
    filter.states === undefined || states.some((state) => filter.states?.has(state) === true);
  const open = has("scheduled", "queued", "running", "retrying") ? openPhases(mesh, filter) : [];
  const ended = filter.states === undefined || [...filter.states].some((state) => isOutcomeState(state));
  return ended && filter.key === undefined ? [...open, { kind: "r" }] : open;
}

function openPhases(mesh: string, filter: ResolvedFilter): readonly RunPhase[] {
  const { states, queue = "*", task, key } = filter;
  if (key !== undefined) {
    // One that is delayed, or retried late, waits among the scheduled ones, and tells its key in its target.
    const scheduled: RunPhase = { kind: "t", subjects: `${mesh}.${SCHEDULED}.${queue}.*.*.*` };
    return [scheduled, { kind: "k", subjects: `${mesh}.K.${queue}.*.${encodeToken(key)}.*` }];
  }
  const stage = stageOf(states);
  const token = task === undefined ? "*" : encodeToken(task);
  const unkeyed: RunPhase = { kind: "t", subjects: `${mesh}.${stage}.${queue}.*.${token}.*` };
  // What has no name for the stage and none for the task finds keyed runs as well.
  if (stage === SCHEDULED || (stage === ANY && task === undefined)) return [unkeyed];
  // The subject of a keyed run: queue, lane, key, id.
  return [unkeyed, { kind: "k", subjects: `${mesh}.K.${queue}.*.*.*` }];
}

const ANY = "*";
const SCHEDULED = "S";
const READY = "T";

// A retrying run waits in its queue or in the schedule, depending on how long.
function stageOf(states: ReadonlySet<RunState> | undefined): string {
  if (states === undefined || states.has("retrying")) return ANY;
  const waits = states.has("queued") || states.has("running");
  if (states.has("scheduled")) return waits ? ANY : SCHEDULED;
  return READY;
}
