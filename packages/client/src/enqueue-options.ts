import {
  checkFields,
  checkFlag,
  checkKey,
  checkOnRetry,
  checkPriority,
  checkQueueName,
  checkResultTtl,
  checkRunId,
  checkTags,
  checkUserHeaders,
  IDENTITY_FIELDS,
  invalidArgument,
  parseDuration,
  parsePositiveDuration,
  resolveCallRetry,
  type CallRetry,
  type CallRetryOptions,
  resolveIdentity,
  type Duration,
  type Identity,
  type IdentityOptions,
  type OnRetry,
  type Priority,
  type UserHeaders,
} from "@umbel/protocol";
import { checkLimit, checkMoment, type Limit } from "./moments.ts";

/** What one call may say differently from its task. */
export interface EnqueueOptions extends IdentityOptions {
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
  /** How often and when it is tried again; what is left out is as the task says. @default the task's, where it is handled */
  readonly retry?: CallRetryOptions;
  /** One attempt may take this long. @default the task's, where it is handled */
  readonly timeout?: Duration;
  /** How long the outcome is kept. @default the task's, where it is handled */
  readonly resultTtl?: Duration;
  /** Whether what the handler returns is not stored. @default the task's, where it is handled */
  readonly ignoreResult?: boolean;
  /** Headers of your own, which the handler sees. */
  readonly headers?: UserHeaders;
  /** What to find the run by: at most 16 texts of 1 to 64 characters. Its handler sees them, its children do not. */
  readonly tags?: readonly string[];
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
  "deadline",
  "queue",
  "priority",
  "retry",
  "timeout",
  "resultTtl",
  "ignoreResult",
  "headers",
  "tags",
  "runId",
  ...IDENTITY_FIELDS,
  "key",
  "onRetry",
];

/** {@link EnqueueOptions}, checked; times in milliseconds, absent where the task decides. */
export interface ResolvedEnqueue {
  readonly dueAt: number | undefined;
  readonly expires: Limit | undefined;
  readonly deadline: Limit | undefined;
  readonly queue: string | undefined;
  readonly priority: Priority | undefined;
  readonly retry: CallRetry;
  readonly timeoutMs: number | undefined;
  readonly resultTtlMs: number | undefined;
  readonly ignoreResult: boolean | undefined;
  readonly headers: UserHeaders;
  readonly tags: readonly string[] | undefined;
  readonly runId: string | undefined;
  readonly identity: Identity | undefined;
  readonly key: string | undefined;
  readonly onRetry: OnRetry | undefined;
}

/** Of a call that says nothing of its own. */
export const NO_OPTIONS: ResolvedEnqueue = {
  dueAt: undefined,
  expires: undefined,
  deadline: undefined,
  queue: undefined,
  priority: undefined,
  retry: {},
  timeoutMs: undefined,
  resultTtlMs: undefined,
  ignoreResult: undefined,
  headers: {},
  tags: undefined,
  runId: undefined,
  identity: undefined,
  key: undefined,
  onRetry: undefined,
};

/** @throws UmbelError `invalid_argument` naming the wrong option. */
export function resolveEnqueueOptions(options: EnqueueOptions | undefined, now: number): ResolvedEnqueue {
  if (options === undefined) return NO_OPTIONS;
  checkFields(options, "enqueue", FIELDS);
  const { queue, priority, retry, ignoreResult, headers, runId } = options;
  const identity = resolveIdentity(options, (option) => option);
  const dueAt = debouncedDue(identity, options, now) ?? resolveDue(options, now);
  return {
    dueAt,
    expires: resolveLimit("expires", options, dueAt),
    deadline: resolveLimit("deadline", options, dueAt),
    queue: when(queue, (value) => checkQueueName(value)),
    priority: when(priority, (value) => checkPriority(value)),
    retry: when(retry, (value) => resolveCallRetry(value)) ?? {},
    timeoutMs: when(options.timeout, (value) => parsePositiveDuration(value, "timeout")),
    resultTtlMs: checkResultTtl(options.resultTtl, "resultTtl"),
    ignoreResult: when(ignoreResult, (value) => checkFlag(value, "ignoreResult")),
    headers: when(headers, (value) => checkUserHeaders(value)) ?? {},
    tags: when(options.tags, (value) => checkTags(value)),
    runId: when(runId, (value) => checkRunId(value)),
    identity,
    key: when(options.key, (value) => checkKey(value)),
    onRetry: when(options.onRetry, (value) => checkOnRetry(value)),
  };
}

function when<T, R>(value: T | undefined, resolve: (value: T) => R): R | undefined {
  return value === undefined ? undefined : resolve(value);
}

function debouncedDue(
  identity: Identity | undefined,
  { delay, at }: EnqueueOptions,
  now: number,
): number | undefined {
  if (identity?.until !== "fired") return undefined;
  if (delay === undefined && at === undefined) return now + identity.forMs;
  const expected = "no delay or at: debounce says when the run is due";
  throw invalidArgument({ field: "debounce", received: delay ?? at, expected });
}

/** When a run with these options is due; `undefined`: at once. @throws UmbelError `invalid_argument` */
export function resolveDue(
  { delay, at }: Pick<EnqueueOptions, "delay" | "at">,
  now: number,
): number | undefined {
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
