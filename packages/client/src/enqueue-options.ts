import {
  checkFields,
  checkKey,
  checkMaxAttempts,
  checkOnRetry,
  checkPriority,
  checkQueueName,
  checkResultTtl,
  checkRunId,
  checkUserHeaders,
  invalidArgument,
  parseDuration,
  parsePositiveDuration,
  type Duration,
  type OnRetry,
  type Priority,
  type UserHeaders,
} from "@umbel/protocol";

/** What one call may say differently from its task. */
export interface EnqueueOptions {
  /** Not before this long from now. @default at once */
  readonly delay?: Duration;
  /** Not before this moment: a Date, or ISO 8601 text with a zone (`"2027-01-01T09:00:00+01:00"`). */
  readonly at?: Date | string;
  /** Not started this long after it was enqueued (or became due), it never starts. @default the task's */
  readonly expires?: Duration;
  /** Wait in another queue. @default the task's */
  readonly queue?: string;
  /** @default the task's */
  readonly priority?: Priority;
  /** Executions in all. @default the task's, where it is handled */
  readonly maxAttempts?: number;
  /** One attempt may take this long. @default the task's, where it is handled */
  readonly timeout?: Duration;
  /** How long the outcome is kept. @default the task's, where it is handled */
  readonly resultTtl?: Duration;
  /** Headers of your own, which the handler sees. */
  readonly headers?: UserHeaders;
  /**
   * A run id of your choice: letters, digits, `_`, `-`. Enqueueing it again gives the same run, waiting,
   * running or done, for as long as its outcome is kept.
   */
  readonly runId?: string;
  /**
   * Runs of one queue and key start one at a time, in the order of their enqueues, in the whole mesh. Text of 1 to
   * 200 characters. Excludes `priority`. @default what the task's `key` makes of the input
   */
  readonly key?: string;
  /** What a run with a key does while it waits for its next attempt. @default the task's */
  readonly onRetry?: OnRetry;
}

const FIELDS: readonly (keyof EnqueueOptions)[] = [
  "delay",
  "at",
  "expires",
  "queue",
  "priority",
  "maxAttempts",
  "timeout",
  "resultTtl",
  "headers",
  "runId",
  "key",
  "onRetry",
];

/** {@link EnqueueOptions}, checked; times in milliseconds, absent where the task decides. */
export interface ResolvedEnqueue {
  readonly dueAt: number | undefined;
  readonly expiresMs: number | undefined;
  readonly queue: string | undefined;
  readonly priority: Priority | undefined;
  readonly maxAttempts: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly resultTtlMs: number | undefined;
  readonly headers: UserHeaders;
  readonly runId: string | undefined;
  readonly key: string | undefined;
  readonly onRetry: OnRetry | undefined;
}

const NOTHING: ResolvedEnqueue = {
  dueAt: undefined,
  expiresMs: undefined,
  queue: undefined,
  priority: undefined,
  maxAttempts: undefined,
  timeoutMs: undefined,
  resultTtlMs: undefined,
  headers: {},
  runId: undefined,
  key: undefined,
  onRetry: undefined,
};

/** @throws UmbelError `invalid_argument` naming the wrong option. */
export function resolveEnqueueOptions(options: EnqueueOptions | undefined, now: number): ResolvedEnqueue {
  if (options === undefined) return NOTHING;
  checkFields(options, "enqueue", FIELDS);
  const { queue, priority, maxAttempts, headers, runId } = options;
  return {
    dueAt: resolveDue(options, now),
    expiresMs: when(options.expires, (value) => parsePositiveDuration(value, "expires")),
    queue: when(queue, (value) => checkQueueName(value)),
    priority: when(priority, (value) => checkPriority(value)),
    maxAttempts: when(maxAttempts, (value) => checkMaxAttempts(value, "maxAttempts")),
    timeoutMs: when(options.timeout, (value) => parsePositiveDuration(value, "timeout")),
    resultTtlMs: checkResultTtl(options.resultTtl, "resultTtl"),
    headers: when(headers, (value) => checkUserHeaders(value)) ?? {},
    runId: when(runId, (value) => checkRunId(value)),
    key: when(options.key, (value) => checkKey(value)),
    onRetry: when(options.onRetry, (value) => checkOnRetry(value)),
  };
}

function when<T, R>(value: T | undefined, resolve: (value: T) => R): R | undefined {
  return value === undefined ? undefined : resolve(value);
}

function resolveDue({ delay, at }: EnqueueOptions, now: number): number | undefined {
  if (delay !== undefined && at !== undefined) {
    throw invalidArgument({ field: "at", received: at, expected: "either delay or at, not both" });
  }
  if (at !== undefined) return checkMoment(at);
  const delayMs = delay === undefined ? 0 : parseDuration(delay, "delay");
  return delayMs === 0 ? undefined : now + delayMs;
}

// A time without a zone would mean another moment on every machine.
const WITH_ZONE = /T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$/i;

// Later ones have no RFC 3339 form, which the broker's schedules are written in.
const LATEST_MOMENT = Date.parse("9999-12-31T23:59:59.999Z");

/** A moment in milliseconds since the epoch. @throws UmbelError `invalid_argument` for one without a zone */
export function checkMoment(at: Date | string, field = "at"): number {
  const ms = at instanceof Date ? at.getTime() : WITH_ZONE.test(at) ? Date.parse(at) : Number.NaN;
  if (ms >= 0 && ms <= LATEST_MOMENT) return ms;
  throw invalidArgument({
    field,
    received: at,
    expected:
      'a Date from 1970 to 9999, or ISO 8601 text with a zone such as "2027-01-01T09:00:00+01:00" or "…Z"',
  });
}
