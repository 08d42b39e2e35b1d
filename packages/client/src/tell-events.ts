import type { EventPublisher } from "@umbel/broker";
import { eventTuple, type EventTuple, type OutcomeRecord } from "@umbel/protocol";
import type { RunPlan } from "./run-plan.ts";

/** Where events are told. */
export type EventRecorder = Pick<EventPublisher, "record" | "close">;

/** Tell that a run was enqueued, if events are told at all. */
export function tellEnqueued(events: EventRecorder | undefined, plan: RunPlan, runId: string): void {
  events?.record(enqueuedTuple(plan, runId));
}

const MOST_IN_ONE = 1_024;

/** Tell that runs of one plan were enqueued: one entry for many of them. */
export function tellEnqueuedMany(
  events: EventRecorder | undefined,
  plan: RunPlan,
  runIds: readonly string[],
): void {
  if (events === undefined) return;
  for (let first = 0; first < runIds.length; first += MOST_IN_ONE) {
    const part = runIds.slice(first, first + MOST_IN_ONE);
    events.record(enqueuedTuple(plan, part), part.length);
  }
}

// Place by place what eventTuple("run.enqueued", …) makes, which takes ten times as long: one for every run.
function enqueuedTuple(plan: RunPlan, runIds: unknown): EventTuple {
  const { queue, priority, meta, trace } = plan.shape;
  const tuple: EventTuple = [0, Date.now(), runIds, meta.task, queue, priority];
  const { dueAt, parentRunId, rootRunId } = meta;
  const { traceparent } = trace;
  if (dueAt !== undefined || rootRunId !== undefined || traceparent !== undefined) {
    tuple.push(dueAt, parentRunId, rootRunId, traceIdOf(traceparent));
  }
  return tuple;
}

/** Tell that a run was cancelled: by whoever has written its outcome. */
export function tellCancelled(
  events: EventRecorder | undefined,
  runId: string,
  { task, queue, at, reason }: OutcomeRecord,
): void {
  const told = reason === undefined ? {} : { reason };
  events?.record(eventTuple("run.cancelled", at, { runId, task, queue, ...told }));
}

/** The trace id in a `traceparent` header: https://www.w3.org/TR/trace-context/ */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent?.slice(3, 35);
}
