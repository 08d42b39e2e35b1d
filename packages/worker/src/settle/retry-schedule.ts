import {
  encodeHeaders,
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  SCHEDULE,
  SCHEDULE_TARGET,
  type BrokerConnection,
  type Publisher,
} from "@umbel/broker";
import { formatRunHeader, isUserHeader, RUN_HEADER, runSubject, scheduleFor } from "@umbel/protocol";
import { firstDueAt } from "../execute/run-policy.ts";
import type { Run } from "../execute/run.ts";

/** A longer delay goes into the broker's schedule: it frees the consumer, and can be seen and cancelled there. */
const LONGEST_HAND_BACK_MS = 60_000;

// A longer one cannot be written in nanoseconds. The record knows when the run is due: it is given back again.
const LONGEST_IN_LANE_MS = 86_400_000;

/**
 * How long to hand a run back for that is due after `delayMs`, or `undefined` when it is to be scheduled. A keyed
 * run holds its lane however long it takes, unless it may be overtaken: then it leaves the lane at once. Pure.
 */
export function handBackMs(
  { delivery, meta }: Pick<Run, "delivery" | "meta">,
  delayMs: number,
): number | undefined {
  if (delivery.source.lane === undefined) return delayMs <= LONGEST_HAND_BACK_MS ? delayMs : undefined;
  return meta.reorder === true ? undefined : Math.min(delayMs, LONGEST_IN_LANE_MS);
}

/** What {@link scheduleRetry} needs. */
export interface RetryScheduleDeps {
  readonly connection: Pick<BrokerConnection, "mesh">;
  readonly publisher: Pick<Publisher, "publish">;
}

/**
 * Publish the next attempt of `run` as a schedule that becomes its ready or keyed message shortly before `dueAt`. Only while this
 * worker's message is still the run's: after a cancel or another worker's ack it is refused.
 *
 * @throws UmbelError `conflict` when the message is no longer there.
 */
export async function scheduleRetry(
  run: Run,
  next: { readonly attempt: number; readonly dueAt: number },
  { connection, publisher }: RetryScheduleDeps,
): Promise<void> {
  const { delivery, meta, runId, queue } = run;
  const subject = runSubject(connection.mesh, { kind: "retrying", queue, task: meta.task, runId });
  // Its due time is in the header: whoever moves the schedule moves it, and the record need not be written again.
  const due = { dueAt: next.dueAt, firstDueAt: firstDueAt(meta) };
  const header = formatRunHeader({ ...meta, ...due, attempt: next.attempt, verify: true });
  const own = Object.entries(delivery.headers()).filter(([name]) => isUserHeader(name));
  const { traceparent, tracestate } = run.trace;
  const headers = encodeHeaders([
    [EXPECT_SEQUENCE, String(delivery.sequence)],
    [EXPECT_SUBJECT, delivery.subject],
    [SCHEDULE, scheduleFor(next.dueAt, delivery.source.lane !== undefined)],
    [SCHEDULE_TARGET, delivery.subject],
    [RUN_HEADER, header],
    ...(traceparent === undefined ? [] : [["traceparent", traceparent] as const]),
    ...(tracestate === undefined ? [] : [["tracestate", tracestate] as const]),
    ...own,
  ]);
  await publisher.publish({ subject, body: delivery.body, headers });
}
