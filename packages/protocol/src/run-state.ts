/**
 * Where a run is in its life. `running` is approximate: a first start leaves no mark in the broker.
 * `unknown` is an id that the mesh has never seen, or has forgotten.
 */
export type RunState =
  | "scheduled"
  | "queued"
  | "running"
  | "retrying"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "expired"
  | "unknown";

/** A state that nothing follows. */
export type OutcomeState = "succeeded" | "failed" | "cancelled" | "expired";

/** Which states may be seen next after each state: a first start leaves no mark, so `running` may be missed. */
export const RUN_TRANSITIONS: Readonly<Record<RunState, readonly RunState[]>> = {
  scheduled: ["queued", "cancelled", "expired"],
  queued: ["running", "succeeded", "retrying", "failed", "cancelled", "expired"],
  running: ["succeeded", "failed", "cancelled", "expired", "retrying", "queued"],
  retrying: ["queued", "running", "failed", "cancelled", "expired"],
  succeeded: ["unknown"],
  failed: ["unknown"],
  cancelled: ["unknown"],
  expired: ["unknown"],
  unknown: ["scheduled", "queued"],
};

const OUTCOME_STATES: readonly OutcomeState[] = ["succeeded", "failed", "cancelled", "expired"];

/** Whether a run in state `from` may next be seen in state `to`. */
export function canFollow(from: RunState, to: RunState): boolean {
  return RUN_TRANSITIONS[from].includes(to);
}

/** Whether `state` is one that nothing follows. */
export function isOutcomeState(state: unknown): state is OutcomeState {
  return OUTCOME_STATES.some((known) => known === state);
}
