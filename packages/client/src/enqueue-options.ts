import {
  checkFields,
  checkFlag,
  checkPriority,
  checkQueueName,
  checkResultTtl,
  checkRunId,
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
  type Priority,
  type UserHeaders,
} from "@umbel/protocol";

/** What one call may say differently from its task. */
export interface EnqueueOptions extends IdentityOptions {
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
  "queue",
  "priority",
  "retry",
  "timeout",
  "resultTtl",
  "ignoreResult",
  "headers",
  "runId",
  ...IDENTITY_FIELDS,
];

/** {@link EnqueueOptions}, checked; times in milliseconds, absent where the task decides. */
export interface ResolvedEnqueue {
  readonly dueAt: number | undefined;
  readonly expiresMs: number | undefined;
  readonly queue: string | undefined;
  readonly priority: Priority | undefined;
  readonly retry: CallRetry;
  readonly timeoutMs: number | undefined;
  readonly resultTtlMs: number | undefined;
  readonly ignoreResult: boolean | undefined;
  readonly headers: UserHeaders;
  readonly runId: string | undefined;
  readonly identity: Identity | undefined;
}

/** Of a call that says nothing of its own. */
export const NO_OPTIONS: ResolvedEnqueue = {
  dueAt: undefined,
  expiresMs: undefined,
  queue: undefined,
  priority: undefined,
  retry: {},
  timeoutMs: undefined,
  resultTtlMs: undefined,
  ignoreResult: undefined,
  headers: {},
  runId: undefined,
  identity: undefined,
};

/** @throws UmbelError `invalid_argument` naming the wrong option. */
export function resolveEnqueueOptions(options: EnqueueOptions | undefined, now: number): ResolvedEnqueue {
  if (options === undefined) return NO_OPTIONS;
  checkFields(options, "enqueue", FIELDS);
  const { queue, priority, retry, ignoreResult, headers, runId } = options;
  const identity = resolveIdentity(options, (option) => option);
  return {
    dueAt: debouncedDue(identity, options, now) ?? resolveDue(options, now),
    expiresMs: when(options.expires, (value) => parsePositiveDuration(value, "expires")),
    queue: when(queue, (value) => checkQueueName(value)),
    priority: when(priority, (value) => checkPriority(value)),
    retry: when(retry, (value) => resolveCallRetry(value)) ?? {},
    timeoutMs: when(options.timeout, (value) => parsePositiveDuration(value, "timeout")),
    resultTtlMs: checkResultTtl(options.resultTtl, "resultTtl"),
    ignoreResult: when(ignoreResult, (value) => checkFlag(value, "ignoreResult")),
    headers: when(headers, (value) => checkUserHeaders(value)) ?? {},
    runId: when(runId, (value) => checkRunId(value)),
    identity,
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
  if (at !== undefined) return checkMoment(at);
  const delayMs = delay === undefined ? 0 : parseDuration(delay, "delay");
  return delayMs === 0 ? undefined : now + delayMs;
}

// A time without a zone would mean another moment on every machine.
const WITH_ZONE = /T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$/i;

// Later ones have no RFC 3339 form, which the broker's schedules are written in.
const LATEST_MOMENT = Date.parse("9999-12-31T23:59:59.999Z");

function checkMoment(at: Date | string): number {
  const ms = at instanceof Date ? at.getTime() : WITH_ZONE.test(at) ? Date.parse(at) : Number.NaN;
  if (ms >= 0 && ms <= LATEST_MOMENT) return ms;
  throw invalidArgument({
    field: "at",
    received: at,
    expected:
      'a Date from 1970 to 9999, or ISO 8601 text with a zone such as "2027-01-01T09:00:00+01:00" or "…Z"',
  });
}
