import type { EventPublisher } from "@umbel/broker";
import type { EventRecorder } from "@umbel/client";
import { traceIdOf } from "@umbel/client/internal";
import {
  eventError,
  eventTuple,
  type AttemptEventFields,
  type EventData,
  type EventTuple,
  type EventType,
  type OutcomeRecord,
  type RunEventFields,
  type SerializedError,
} from "@umbel/protocol";
import type { Ownership, Run, RunDelivery } from "../execute/run.ts";
import type { EventListeners } from "./event-listeners.ts";

/**
 * Tells what happens on a worker: to its listeners, and with the next flush to the mesh. Two events of every run
 * pass here, so those are built place by place, and nothing is built when nobody listens.
 */
export class WorkerEvents implements EventRecorder {
  readonly listeners: EventListeners;
  readonly #publisher: EventPublisher | undefined;

  constructor(listeners: EventListeners, publisher: EventPublisher | undefined) {
    this.listeners = listeners;
    this.#publisher = publisher;
  }

  /** Tell what `tuple` stands for: of this worker, or of its handlers' enqueues. */
  record(tuple: EventTuple, count?: number): void {
    // The publisher changes the tuple.
    if (!this.listeners.empty) this.listeners.tell(tuple);
    this.#publisher?.record(tuple, count);
  }

  // Listeners have heard what is told already.
  extend(tuple: EventTuple): boolean {
    return this.listeners.empty && this.#publisher?.extend(tuple) === true;
  }

  async close(): Promise<void> {
    await this.#publisher?.close();
  }

  /** Tell something of the worker itself. */
  tell<Type extends EventType>(type: Type, data: EventData[Type]): void {
    if (this.#wanted) this.record(eventTuple(type, Date.now(), data));
  }

  started(run: Run, ownership: Ownership, at: number): void {
    if (!this.#wanted) return;
    const { enqueuedAt, dueAt = enqueuedAt } = run.meta;
    this.#attempt(1, at, { run, ownership, ms: Math.max(0, at - dueAt) });
  }

  /** The outcome is stored. */
  ended(run: Run, ownership: Ownership, outcome: OutcomeRecord): void {
    if (!this.#wanted) return;
    const { state, at, startedAt, reason, deadLetter } = outcome;
    const durationMs = startedAt === undefined ? undefined : Math.max(0, at - startedAt);
    if (state === "succeeded") {
      this.#attempt(2, at, { run, ownership, ms: durationMs ?? 0 });
      return;
    }
    const error = lastError(outcome);
    const fields = { ...attemptOf(run, ownership), ...error };
    if (state === "failed") {
      const data = { ...fields, ...defined("reason", deadLetter), ...defined("durationMs", durationMs) };
      this.record(eventTuple("run.failed", at, data));
    } else if (state === "expired") {
      this.record(eventTuple("run.expired", at, { ...fields, ...defined("reason", reason) }));
    }
  }

  retrying(
    run: Run,
    ownership: Ownership,
    { error, delayMs }: { readonly error: SerializedError; readonly delayMs: number },
  ): void {
    if (!this.#wanted) return;
    this.tell("run.retrying", { ...attemptOf(run, ownership), delayMs, error: eventError(error) });
  }

  deadLettered(runId: string, delivery: RunDelivery, outcome: OutcomeRecord): void {
    if (!this.#wanted) return;
    const { task, queue, attempt, starts: start, deadLetter } = outcome;
    const fields = { runId, task, queue, attempt, delivery: delivery.count, start };
    this.tell("run.dead_lettered", { ...fields, reason: deadLetter ?? "", ...lastError(outcome) });
  }

  handedBack(run: Run, ownership: Ownership): void {
    if (!this.#wanted) return;
    this.tell("run.handed_back", { ...attemptOf(run, ownership), reason: "the worker is stopping" });
  }

  get #wanted(): boolean {
    return this.#publisher !== undefined || !this.listeners.empty;
  }

  // What eventTuple makes of "run.started" and "run.succeeded", in a tenth of its time.
  #attempt(number: 1 | 2, at: number, { run, ownership, ms }: AttemptTime): void {
    const { runId, queue, meta, delivery, trace } = run;
    const tuple: EventTuple = [
      number,
      at,
      runId,
      meta.task,
      queue,
      ownership.attempt,
      delivery.count,
      ownership.starts,
      ms,
    ];
    if (meta.rootRunId !== undefined || trace.traceparent !== undefined) {
      tuple.push(meta.parentRunId, meta.rootRunId, traceIdOf(trace.traceparent));
    }
    this.record(tuple);
  }
}

interface AttemptTime {
  readonly run: Run;
  readonly ownership: Ownership;
  readonly ms: number;
}

function runOf({ runId, queue, meta, trace }: Run): RunEventFields {
  return {
    runId,
    task: meta.task,
    queue,
    ...defined("parentRunId", meta.parentRunId),
    ...defined("rootRunId", meta.rootRunId),
    ...defined("traceId", traceIdOf(trace.traceparent)),
  };
}

function attemptOf(run: Run, { attempt, starts }: Ownership): AttemptEventFields {
  return { ...runOf(run), attempt, delivery: run.delivery.count, start: starts };
}

function lastError({ errors }: OutcomeRecord): { readonly error?: EventData["run.retrying"]["error"] } {
  const last = errors.at(-1);
  return last === undefined ? {} : { error: eventError(last.error) };
}

function defined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Readonly<Partial<Record<Name, Value>>> {
  const fields: Partial<Record<Name, Value>> = {};
  if (value !== undefined) fields[name] = value;
  return fields;
}
