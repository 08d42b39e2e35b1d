import { checkFields, checkWholeNumber } from "./check-options.ts";
import { MAX_DURATION_MS, parseDuration, parsePositiveDuration, type Duration } from "./duration.ts";
import { checkErrorFilter, type ErrorFilter } from "./error-filter.ts";
import type { SerializedError } from "./serialized-error.ts";
import { invalidArgument } from "./umbel-error.ts";

/** How long to wait before each further attempt, as plain data. */
export type Backoff =
  | { readonly kind: "fixed"; readonly delayMs: number; readonly jitter: Jitter }
  | {
      readonly kind: "exponential";
      readonly baseMs: number;
      readonly maxMs: number;
      readonly factor: number;
      readonly jitter: Jitter;
    };

/**
 * `full` draws each delay evenly from zero to its computed value, so that runs which failed together do not
 * come back together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/); `none` keeps it.
 */
export type Jitter = "full" | "none";

/** What a backoff of one's own is told. */
export interface BackoffContext {
  /** The attempt that has failed, from 1. */
  readonly attempt: number;
  /** What it failed with, as data. */
  readonly error: SerializedError;
  /** Evenly drawn from 0 (inclusive) to 1 (exclusive), for jitter. */
  readonly random: number;
}

/**
 * A backoff of one's own: how long to wait before the next attempt. Called on the worker's event loop, so it must
 * be quick, and it must not wait. When it throws or returns no duration, the default backoff is used.
 */
export type BackoffFunction = (context: BackoffContext) => Duration;

/** How often and when a failed run is tried again. */
export interface RetryPolicy {
  /** Executions in all, the first included: 1 means never again, `Infinity` that no number ends it. */
  readonly maxAttempts: number;
  /** The default one beside a function of one's own. */
  readonly backoff: Backoff;
  readonly ownBackoff?: BackoffFunction;
  /** No attempt begins later than this after the run was first due. */
  readonly maxElapsedMs?: number;
  readonly retryOn?: ErrorFilter;
  readonly discardOn?: ErrorFilter;
}

/** What one call may say of `retry`. */
export interface CallRetryOptions {
  /** Executions in all, the first included: 1 to 1000, or `Infinity`. */
  readonly maxAttempts?: number;
  /** Before each further attempt. */
  readonly backoff?: Backoff;
  /** A further attempt that would begin later than this after the run was first due is not made. */
  readonly maxElapsed?: Duration;
}

/** What a task says as `retry`. */
export interface RetryOptions {
  /** Executions in all, the first included: 1 to 1000, or `Infinity`. @default 3 */
  readonly maxAttempts?: number;
  /** Before each further attempt. @default exponential({ base: "1s", max: "10m" }) */
  readonly backoff?: Backoff | BackoffFunction;
  /**
   * A further attempt that would begin later than this after the run was first due (enqueued, or the end of its
   * delay) is not made: the run has failed. @default never too late
   */
  readonly maxElapsed?: Duration;
  /** Only these errors are tried again; any other one discards the run. @default all */
  readonly retryOn?: ErrorFilter;
  /** These errors discard the run at once; stronger than `retryOn`. @default none */
  readonly discardOn?: ErrorFilter;
}

/** The most attempts that a policy may allow. */
export const MAX_ATTEMPTS = 1_000;

/** What {@link exponential} takes. */
export interface ExponentialOptions {
  /** Before the second attempt. @default "1s" */
  readonly base?: Duration;
  /** Never longer than this; not below `base`. @default "10m", or `base` when that is longer */
  readonly max?: Duration;
  /** Each delay is this many times the one before. @default 2 */
  readonly factor?: number;
  /** @default "full" */
  readonly jitter?: Jitter;
}

/** Delays that grow: base, base × factor, base × factor² … up to `max`. @throws UmbelError `invalid_argument` */
export function exponential(options: ExponentialOptions = {}): Backoff {
  checkFields(options, "exponential", ["base", "max", "factor", "jitter"]);
  const baseMs = parseDuration(options.base ?? 1_000, "exponential.base");
  const maxMs = parseDuration(options.max ?? Math.max(600_000, baseMs), "exponential.max");
  if (maxMs < baseMs) {
    const expected = `at least exponential.base (${baseMs} ms)`;
    throw invalidArgument({ field: "exponential.max", received: options.max, expected });
  }
  const factor = checkFactor(options.factor ?? 2, "exponential.factor");
  return {
    kind: "exponential",
    baseMs,
    maxMs,
    factor,
    jitter: checkJitter(options.jitter, "exponential.jitter"),
  };
}

/** The same delay before every further attempt. @throws UmbelError `invalid_argument` */
export function fixed(delay: Duration, options: { readonly jitter?: Jitter } = {}): Backoff {
  checkFields(options, "fixed", ["jitter"]);
  return {
    kind: "fixed",
    delayMs: parseDuration(delay, "fixed.delay"),
    jitter: checkJitter(options.jitter, "fixed.jitter"),
  };
}

/** The policy that `options` describe. @throws UmbelError `invalid_argument` */
export function resolveRetryPolicy(options: RetryOptions | undefined, field = "retry"): RetryPolicy {
  if (options === undefined) return DEFAULT_RETRY_POLICY;
  checkFields(options, field, ["maxAttempts", "backoff", "maxElapsed", "retryOn", "discardOn"]);
  const { backoff, maxAttempts, maxElapsed, retryOn, discardOn } = options;
  const own = typeof backoff === "function";
  const data = own || backoff === undefined ? {} : { backoff };
  const shared = resolveCallRetry(
    {
      ...data,
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
      ...(maxElapsed === undefined ? {} : { maxElapsed }),
    },
    field,
  );
  return {
    ...DEFAULT_RETRY_POLICY,
    ...shared,
    ...(own ? { ownBackoff: backoff } : {}),
    ...(retryOn === undefined ? {} : { retryOn: checkErrorFilter(retryOn, `${field}.retryOn`) }),
    ...(discardOn === undefined ? {} : { discardOn: checkErrorFilter(discardOn, `${field}.discardOn`) }),
  };
}

/** {@link CallRetryOptions}, checked: what they say and nothing else. */
export type CallRetry = Partial<Pick<RetryPolicy, "maxAttempts" | "backoff" | "maxElapsedMs">>;

/** The part of a policy that one call describes. @throws UmbelError `invalid_argument` */
export function resolveCallRetry(options: CallRetryOptions, field = "retry"): CallRetry {
  checkFields(options, field, ["maxAttempts", "backoff", "maxElapsed"]);
  const { maxAttempts, backoff, maxElapsed } = options;
  return {
    ...(maxAttempts === undefined
      ? {}
      : { maxAttempts: checkMaxAttempts(maxAttempts, `${field}.maxAttempts`) }),
    ...(backoff === undefined ? {} : { backoff: checkBackoff(backoff, `${field}.backoff`) }),
    ...(maxElapsed === undefined
      ? {}
      : { maxElapsedMs: parsePositiveDuration(maxElapsed, `${field}.maxElapsed`) }),
  };
}

/** @throws UmbelError `invalid_argument` unless `value` is a number of attempts. */
export function checkMaxAttempts(value: unknown, field: string): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_ATTEMPTS)
    return value;
  const expected = `a whole number from 1 to ${MAX_ATTEMPTS}, or Infinity`;
  throw invalidArgument({ field, received: value, expected });
}

/** Three attempts, exponential from one second to ten minutes, full jitter. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = { maxAttempts: 3, backoff: exponential() };

/**
 * Whole milliseconds to wait after attempt number `failedAttempt` (from 1) has failed.
 *
 * @param random a number from 0 (inclusive) to 1 (exclusive): the jitter.
 */
export function nextDelayMs(backoff: Backoff, failedAttempt: number, random: number): number {
  const delayMs = backoff.kind === "fixed" ? backoff.delayMs : grown(backoff, failedAttempt);
  return Math.round(backoff.jitter === "full" ? delayMs * random : delayMs);
}

function grown(backoff: Extract<Backoff, { kind: "exponential" }>, failedAttempt: number): number {
  // An endless factor would make a base of 0 not a number.
  const growth = Math.min(backoff.factor ** (failedAttempt - 1), Number.MAX_VALUE);
  return Math.min(backoff.maxMs, backoff.baseMs * growth);
}

function checkJitter(value: unknown, field: string): Jitter {
  if (value === undefined || value === "full") return "full";
  if (value === "none") return "none";
  throw invalidArgument({ field, received: value, expected: '"full" or "none"' });
}

function checkFactor(value: unknown, field: string): number {
  if (typeof value === "number" && value >= 1 && value <= 100) return value;
  throw invalidArgument({ field, received: value, expected: "a number from 1 to 100" });
}

// Backoffs are plain data, so one may have been written by hand or read from a file.
function checkBackoff(value: Backoff, field: string): Backoff {
  const fields: Readonly<Partial<Record<string, unknown>>> =
    typeof value === "object" && value !== null ? { ...value } : {};
  const jitter = checkJitter(fields["jitter"], `${field}.jitter`);
  const delay = (name: string): number =>
    checkWholeNumber(fields[name], `${field}.${name}`, { least: 0, most: MAX_DURATION_MS });
  if (fields["kind"] === "fixed") return { kind: "fixed", delayMs: delay("delayMs"), jitter };
  if (fields["kind"] === "exponential") {
    const factor = checkFactor(fields["factor"], `${field}.factor`);
    return { kind: "exponential", baseMs: delay("baseMs"), maxMs: delay("maxMs"), factor, jitter };
  }
  throw invalidArgument({
    field,
    received: value,
    expected: 'exponential({ base: "1s" }) or fixed("5s")',
    ...(typeof value === "function" ? { fix: "A function belongs in the definition of the task." } : {}),
  });
}
