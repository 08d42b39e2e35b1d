import { IGNORED_RESULT_TTL_MS, type FailureTask, type RetryPolicy, type RunMeta } from "@umbel/protocol";
import type { Handler } from "../handler.ts";
import type { Run } from "./run.ts";

/** How a run is retried: as its task says, unless its enqueue says otherwise. */
export function retryPolicyOf(retry: RetryPolicy, meta: RunMeta): RetryPolicy {
  const { maxAttempts, backoff, maxElapsedMs } = meta;
  if (maxAttempts === undefined && backoff === undefined && maxElapsedMs === undefined) return retry;
  const { ownBackoff, ...rest } = retry;
  return {
    ...rest,
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(maxElapsedMs === undefined ? {} : { maxElapsedMs }),
    ...(backoff !== undefined ? { backoff } : ownBackoff === undefined ? {} : { ownBackoff }),
  };
}

/** When a run was due at first, before any retry: what its longest time counts from. */
export function firstDueAt({ attempt, dueAt, firstDueAt: first, enqueuedAt }: RunMeta): number {
  // The due time in the header of a late retry is that attempt's.
  return first ?? (attempt === 1 ? dueAt : undefined) ?? enqueuedAt;
}

/** The parts of a run that its policies depend on. */
export type PolicyRun = Pick<Run, "meta"> & { readonly handler?: Pick<Handler, "task"> | undefined };

/** Whether what the handler returns is not stored. */
export function ignoresResult({ meta, handler }: PolicyRun): boolean {
  return meta.ignoreResult ?? handler?.task.ignoreResult ?? false;
}

/** The task that hears of a final failure: the one that the enqueue named, else the worker's own definition's. */
export function failureTaskOf({ meta, handler }: PolicyRun): FailureTask | undefined {
  return meta.onFailure === undefined ? handler?.task.onFailure : (meta.onFailure ?? undefined);
}

/** Deliveries come back by their ack-wait: an outcome must be there when they do, with room to spare. */
const ACK_WAITS = 10;

/**
 * How long the outcome of a run is kept, in milliseconds; `undefined`: the default. A success without a result is
 * kept only for as long as a redelivery or a waiting client may look for it.
 */
export function outcomeTtlMs(
  run: PolicyRun,
  succeeded: boolean,
  { ackWaitMs }: { readonly ackWaitMs: number },
): number | undefined {
  const asked = run.meta.resultTtlMs ?? run.handler?.task.resultTtlMs;
  if (asked !== undefined || !succeeded || !ignoresResult(run)) return asked;
  return Math.max(IGNORED_RESULT_TTL_MS, ACK_WAITS * ackWaitMs);
}
