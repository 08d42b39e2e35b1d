import type { StoredWorker } from "@umbel/broker";
import type { WorkerEntry, WorkerEntryState } from "@umbel/protocol";

/**
 * What a worker is at. Besides its own word: `silent`, it has missed several chances to tell of itself, because its
 * event loop is blocked or it is gone; `lost`, it has been silent for its ack-wait, so its runs go to others.
 */
export type WorkerState = WorkerEntryState | "silent" | "lost";

/** A worker as the registry knows it. */
export interface WorkerStatus extends Omit<WorkerEntry, "state"> {
  readonly state: WorkerState;
  /** Milliseconds since the broker stored what it told. */
  readonly ageMs: number;
}

/** So many chances to tell of itself may a worker miss before it counts as silent. */
const MISSED = 3.5;

/** What the registry says of a worker at `now`, the server's time. Pure. */
export function workerStatus({ entry, storedAt }: StoredWorker, now: number): WorkerStatus {
  const ageMs = Math.max(0, now - storedAt);
  return { ...entry, state: stateAt(entry, ageMs), ageMs };
}

function stateAt({ state, intervalMs, ackWaitMs }: WorkerEntry, ageMs: number): WorkerState {
  const silentMs = MISSED * intervalMs;
  if (ageMs < silentMs) return state;
  return ageMs < Math.max(silentMs, ackWaitMs) ? "silent" : "lost";
}

/** Whether a worker with this state can be expected to answer. */
export function isPresent(state: WorkerState): boolean {
  return state !== "lost";
}
