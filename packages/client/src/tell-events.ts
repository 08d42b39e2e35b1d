import type { EventPublisher } from "@umbel/broker";
import { eventTuple, type EventTuple, type OutcomeRecord } from "@umbel/protocol";
import type { RunPlan } from "./run-plan.ts";

/** Where events are told. */
export type EventRecorder = Pick<EventPublisher, "record" | "extend" | "close">;

/** Tells that runs were enqueued, if events are told at all: runs of one plan share an event while it is not sent. */
export class EnqueueTeller {
  readonly #events: EventRecorder | undefined;
  #last: { readonly plan: RunPlan; readonly tuple: EventTuple; readonly runIds: string[] } | undefined;

  constructor(events: EventRecorder | undefined) {
    this.#events = events;
  }

  tell(plan: RunPlan, runId: string): void {
    if (this.#events === undefined) return;
    const last = this.#last;
    if (last?.plan === plan && this.#events.extend(last.tuple)) {
      last.runIds.push(runId);
      return;
    }
    const runIds = [runId];
    const tuple = enqueuedTuple(plan, runIds);
    this.#last = { plan, tuple, runIds };
    this.#events.record(tuple);
  }
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
