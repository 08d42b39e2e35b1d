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
export const LONGEST_HAND_BACK_MS = 60_000;

/** What {@link scheduleRetry} needs. */
export interface RetryScheduleDeps {
  readonly connection: Pick<BrokerConnection, "mesh">;
  readonly publisher: Pick<Publisher, "publish">;
}

/**
 * Publish the next attempt of `run` as a schedule that becomes its ready message shortly before `dueAt`. Only while this
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
    [SCHEDULE, scheduleFor(next.dueAt)],
    [SCHEDULE_TARGET, delivery.subject],
    [RUN_HEADER, header],
    ...(traceparent === undefined ? [] : [["traceparent", traceparent] as const]),
    ...(tracestate === undefined ? [] : [["tracestate", tracestate] as const]),
    ...own,
  ]);
  await publisher.publish({ subject, body: delivery.body, headers });
}
