import type { StoredRecord } from "@umbel/broker";
import type { RunRecord } from "@umbel/protocol";

const SHORTEST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/** What to do with a run whose task no handler here handles. */
export type UnknownTaskStep =
  | { readonly action: "park"; readonly since: number; readonly delayMs: number }
  | { readonly action: "give-up" };

/**
 * During a rolling deploy an old worker sees runs of tasks that only new ones know: hand them back, for a while,
 * at growing intervals. The time counts from the first hand-back, not from the enqueue: a run may have waited
 * long before any worker saw it. Pure.
 */
export function unknownTaskStep(
  stored: StoredRecord | undefined,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): UnknownTaskStep {
  const since = parkedSince(stored?.record) ?? now;
  const ageMs = now - since;
  if (ageMs >= graceMs) return { action: "give-up" };
  const delayMs = Math.min(LONGEST_DELAY_MS, Math.max(SHORTEST_DELAY_MS, ageMs / 2), graceMs - ageMs);
  return { action: "park", since, delayMs: Math.max(1, Math.round(delayMs)) };
}

/** What a record says instead of a time when the run was handed back although its task was known. */
export const NOT_PARKED = 0;

function parkedSince(record: RunRecord | undefined): number | undefined {
  return record?.state === "queued" && record.since !== NOT_PARKED ? record.since : undefined;
}
