import type { Priority } from "./priority.ts";

/** The run that an event is about. */
export interface RunEventFields {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  /** The run whose handler enqueued this one, and the first run of that line. */
  readonly parentRunId?: string;
  readonly rootRunId?: string;
  /** The trace that the run belongs to, when there is one: 32 hexadecimal digits. */
  readonly traceId?: string;
}

/** One attempt of a run, on a worker. */
export interface AttemptEventFields extends RunEventFields {
  /** Execution by retry policy, from 1. */
  readonly attempt: number;
  /** Hand-over by the broker, from 1. */
  readonly delivery: number;
  /** How often a handler of this run has been begun, as far as is known. */
  readonly start: number;
}

/** An error as events carry it: no stack, and the message cut to 300 characters. */
export interface EventError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** What each type of event says besides {@link EventBase}. Times in milliseconds; no event holds an input or a result. */
export interface EventData {
  "run.enqueued": RunEventFields & {
    readonly priority: Priority;
    /** No start before this, in milliseconds since the epoch. */
    readonly dueAt?: number;
  };
  "run.started": AttemptEventFields & {
    /** Since it was enqueued, or due. For a later attempt that includes the ones before. */
    readonly waitMs: number;
  };
  "run.succeeded": AttemptEventFields & { readonly durationMs: number };
  "run.retrying": AttemptEventFields & { readonly delayMs: number; readonly error: EventError };
  "run.failed": AttemptEventFields & {
    /** Why it is not tried again: a reason of the dead letters. */
    readonly reason?: string;
    /** Absent when its handler was not begun. */
    readonly durationMs?: number;
    readonly error?: EventError;
  };
  "run.dead_lettered": AttemptEventFields & { readonly reason: string; readonly error?: EventError };
  "run.cancelled": RunEventFields & { readonly reason?: string };
  "run.expired": AttemptEventFields & { readonly reason?: string; readonly error?: EventError };
  "run.handed_back": AttemptEventFields & { readonly reason: string };
  "worker.started": {
    readonly queues: readonly string[];
    readonly tasks: readonly string[];
    readonly slots: number;
    readonly threads: number;
  };
  "worker.stopping": { readonly reason: string; readonly running: number };
  "worker.stopped": { readonly durationMs: number };
  /** Made by the reader, not stored: the process had so many more events, which were dropped or lost. */
  "events.lost": { readonly count: number };
}

/** A type of event. Those that the log has too have the same name there. */
export type EventType = keyof EventData;

/** What every event says. */
export interface EventBase<Type extends EventType> {
  /** The version of the event's form. */
  readonly v: 1;
  readonly type: Type;
  /** When it happened, by the clock of the process that tells it: milliseconds since the epoch. */
  readonly at: number;
  /** The id of the worker that tells it; absent when a client does. */
  readonly worker?: string;
  /** The id of the client that tells it; absent when a worker does. */
  readonly client?: string;
}

/** Something that happened in a mesh, told after the broker has stored it. */
export type MeshEvent<Type extends EventType = EventType> = {
  readonly [Each in Type]: EventBase<Each> & EventData[Each];
}[Type];
