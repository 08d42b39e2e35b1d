/** The run that a line is about. */
interface RunFields {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
}

/** One attempt of a run, on a worker. */
interface AttemptFields extends RunFields {
  readonly attempt: number;
  readonly delivery: number;
  readonly start: number;
  readonly workerId: string;
}

interface WorkerFields {
  readonly workerId: string;
}

interface ConsumerFields {
  readonly workerId: string;
  readonly queue: string;
  /** The durable consumer's name on the server. */
  readonly consumer: string;
}

interface ProvisionFields {
  readonly kind: "stream" | "consumer" | "bucket";
  readonly name: string;
}

/**
 * The data of every log event, by its type. Times are in milliseconds. `error` is whatever was thrown;
 * it is written as `err`.
 */
export interface LogEventData {
  // A worker's life
  "worker.started": WorkerFields & {
    readonly mesh: string;
    readonly queues: readonly string[];
    readonly tasks: readonly string[];
    readonly slots: number;
    readonly threads: number;
  };
  "worker.stopping": WorkerFields & {
    readonly reason: string;
    /** Runs in execution. */
    readonly running: number;
    readonly drainTimeoutMs: number;
  };
  "worker.stopped": WorkerFields & { readonly durationMs: number };
  "worker.drain_timeout": WorkerFields & {
    readonly drainTimeoutMs: number;
    /** The runs that are aborted and handed back. */
    readonly runIds: readonly string[];
  };

  "worker.queue_added": WorkerFields & { readonly queue: string };
  "worker.queue_removed": WorkerFields & { readonly queue: string };
  "worker.draining": WorkerFields & { readonly running: number };
  "worker.undrained": WorkerFields;
  /** `args`: JSON, at most 500 characters of it. */
  "worker.controlled": WorkerFields & { readonly verb: string; readonly args: string };
  "worker.resized": WorkerFields & { readonly slots: number; readonly threads: number };
  /** An error that nobody caught: the run that it comes from, if it is known, and all that were executed. */
  "worker.crashed": WorkerFields & {
    readonly runId?: string | undefined;
    readonly task?: string | undefined;
    /** Whether that run is charged with it; it is not when it has ended already, or is not known. */
    readonly charged: boolean;
    readonly runIds: readonly string[];
    readonly error: unknown;
  };
  /** It cannot go on, and stops. */
  "worker.failed": WorkerFields & { readonly error: unknown };
  /** Neither finished nor handed back: others start them after the ack-wait. */
  "worker.left_runs": WorkerFields & { readonly runIds: readonly string[] };

  // A run's path
  "run.started": AttemptFields & { readonly runsOn: "loop" | "thread" };
  "run.succeeded": AttemptFields & { readonly durationMs: number };
  "run.attempt_failed": AttemptFields & { readonly durationMs: number; readonly error: unknown };
  "run.retrying": AttemptFields & { readonly delayMs: number; readonly reason?: string | undefined };
  /** A function in the task's `retry` threw or gave nonsense. */
  "retry.option_failed": AttemptFields & { readonly option: string; readonly error: unknown };
  "run.failed": AttemptFields & { readonly durationMs: number; readonly error: unknown };
  "run.dead_lettered": RunFields & {
    readonly reason: string;
    readonly attempt?: number | undefined;
    readonly error?: unknown;
  };
  /** The `onFailure` task of a run is enqueued. */
  "run.failure_reported": RunFields & { readonly onFailure: string; readonly failureRunId: string };
  "run.discarded": AttemptFields & { readonly reason: string };
  "run.cancelled": RunFields & { readonly reason?: string | undefined };
  "run.expired": RunFields & { readonly expiredAtMs: number };
  "run.handed_back": RunFields & {
    readonly delivery: number;
    readonly reason: string;
    readonly delayMs?: number | undefined;
  };

  // A run whose path went wrong
  "run.refused": AttemptFields & {
    /** What this worker wanted to record. */
    readonly outcome: string;
    readonly durationMs: number;
  };
  "run.lease_lost": AttemptFields & { readonly gapMs: number; readonly ackWaitMs: number };
  "run.unknown_task": RunFields & {
    readonly delivery: number;
    /** Until another worker may know the task. */
    readonly delayMs: number;
  };
  "run.undecodable": {
    readonly queue: string;
    readonly subject: string;
    readonly runId?: string | undefined;
    readonly task?: string | undefined;
    readonly error: unknown;
  };
  "run.crash_loop": RunFields & { readonly start: number; readonly maxStarts: number };
  "schedule.fired": WorkerFields & {
    readonly scheduleId: string;
    readonly runIds: readonly string[];
  };
  "schedule.missed": WorkerFields & {
    readonly scheduleId: string;
    readonly why: string;
    readonly count: number;
    /** The last of the times that no run was made for. */
    readonly fireAtMs: number;
  };
  "schedule.failed": WorkerFields & { readonly scheduleId: string; readonly error: unknown };
  "schedule.rearmed": WorkerFields & { readonly scheduleIds: readonly string[] };
  "schedule.undeclared": WorkerFields & { readonly scheduleIds: readonly string[] };
  "schedule.refired": WorkerFields & {
    readonly count: number;
    /** How many schedules were looked at. */
    readonly scanned: number;
    /** When the earliest of them should have fired. */
    readonly firesAtMs: number;
    /** The first few of their runs. */
    readonly runIds: readonly string[];
  };
  "result.store_retried": RunFields & {
    /** How often storing the outcome was tried so far. */
    readonly tries: number;
    readonly delayMs: number;
    readonly error: unknown;
  };

  // Handlers and threads
  "handler.ignored_abort": AttemptFields & {
    readonly reason: string;
    /** How long the handler was waited for after its signal aborted. */
    readonly graceMs: number;
  };
  "thread.killed": AttemptFields & { readonly reason: string };
  "thread.crashed": AttemptFields & { readonly error: unknown };

  // The broker
  "consumer.deaf": ConsumerFields & { readonly silentMs: number };
  "consumer.rebuilt": ConsumerFields & { readonly durationMs: number };
  "broker.disconnected": { readonly server?: string | undefined };
  "broker.reconnected": { readonly server?: string | undefined; readonly durationMs?: number | undefined };
  "broker.error": { readonly server?: string | undefined; readonly error: unknown };
  "provision.created": ProvisionFields;
  "provision.updated": ProvisionFields & { readonly changed: readonly string[] };
}

/** A type of log event: the `event` field of its lines. */
export type LogEventType = keyof LogEventData;
