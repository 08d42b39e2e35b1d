import {
  checkFields,
  checkMaxAttempts,
  checkPriority,
  checkQueueName,
  checkResultTtl,
  checkRunId,
  checkUserHeaders,
  invalidArgument,
  parseDuration,
  parsePositiveDuration,
  type Duration,
  type Priority,
  type UserHeaders,
} from "@umbel/protocol";
import { checkLimit, checkMoment, type Limit } from "./moments.ts";

/** What one call may say differently from its task. */
export interface EnqueueOptions {
  /** Not before this long from now. @default at once */
  readonly delay?: Duration;
  /** Not before this moment: a Date, or ISO 8601 text with a zone (`"2027-01-01T09:00:00+01:00"`). */
  readonly at?: Date | string;
  /**
   * A {@link Duration} or a moment. Not started this long after it was enqueued (or became due), or by this moment, it never starts: neither for
   * the first time nor again. @default the task's
   */
  readonly expires?: number | string | Date;
  /**
   * A {@link Duration} or a moment. Over this long after it was enqueued (or became due), or by this moment: no attempt starts later, and one that
   * executes then is aborted, which ends the run. @default the task's
   */
  readonly deadline?: number | string | Date;
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
}

const FIELDS: readonly (keyof EnqueueOptions)[] = [
  "delay",
  "at",
  "expires",
  "deadline",
  "queue",
  "priority",
  "maxAttempts",
  "timeout",
  "resultTtl",
  "headers",
  "runId",
];

/** {@link EnqueueOptions}, checked; times in milliseconds, absent where the task decides. */
export interface ResolvedEnqueue {
  readonly dueAt: number | undefined;
  readonly expires: Limit | undefined;
  readonly deadline: Limit | undefined;
  readonly queue: string | undefined;
  readonly priority: Priority | undefined;
  readonly maxAttempts: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly resultTtlMs: number | undefined;
  readonly headers: UserHeaders;
  readonly runId: string | undefined;
}

const NOTHING: ResolvedEnqueue = {
  dueAt: undefined,
  expires: undefined,
  deadline: undefined,
  queue: undefined,
  priority: undefined,
  maxAttempts: undefined,
  timeoutMs: undefined,
  resultTtlMs: undefined,
  headers: {},
  runId: undefined,
};

/** @throws UmbelError `invalid_argument` naming the wrong option. */
export function resolveEnqueueOptions(options: EnqueueOptions | undefined, now: number): ResolvedEnqueue {
  if (options === undefined) return NOTHING;
  checkFields(options, "enqueue", FIELDS);
  const { queue, priority, maxAttempts, headers, runId } = options;
  const dueAt = resolveDue(options, now);
  return {
    dueAt,
    expires: resolveLimit("expires", options, dueAt),
    deadline: resolveLimit("deadline", options, dueAt),
    queue: when(queue, (value) => checkQueueName(value)),
    priority: when(priority, (value) => checkPriority(value)),
    maxAttempts: when(maxAttempts, (value) => checkMaxAttempts(value, "maxAttempts")),
    timeoutMs: when(options.timeout, (value) => parsePositiveDuration(value, "timeout")),
    resultTtlMs: checkResultTtl(options.resultTtl, "resultTtl"),
    headers: when(headers, (value) => checkUserHeaders(value)) ?? {},
    runId: when(runId, (value) => checkRunId(value)),
  };
}

function when<T, R>(value: T | undefined, resolve: (value: T) => R): R | undefined {
  return value === undefined ? undefined : resolve(value);
}

function resolveDue({ delay, at }: EnqueueOptions, now: number): number | undefined {
  if (delay !== undefined && at !== undefined) {
    throw invalidArgument({ field: "at", received: at, expected: "either delay or at, not both" });
  }
  if (at !== undefined) return checkMoment(at, "at");
  const delayMs = delay === undefined ? 0 : parseDuration(delay, "delay");
  return delayMs === 0 ? undefined : now + delayMs;
}

function resolveLimit(
  field: "expires" | "deadline",
  options: EnqueueOptions,
  dueAt: number | undefined,
): Limit | undefined {
  const received = options[field];
  if (received === undefined) return undefined;
  const limit = checkLimit(received, field);
  if (dueAt === undefined || !("at" in limit) || limit.at > dueAt) return limit;
  throw invalidArgument({ field, received, expected: "a moment after the run is due" });
}
