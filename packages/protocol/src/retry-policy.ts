import { checkFields, checkWholeNumber } from "./check-options.ts";
import { MAX_DURATION_MS, parseDuration, type Duration } from "./duration.ts";
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

/** How often and when a failed run is tried again. */
export interface RetryPolicy {
  /** Executions in all, the first included: 1 means never again. */
  readonly maxAttempts: number;
  readonly backoff: Backoff;
}

/** What a user writes as `retry`. */
export interface RetryOptions {
  /** Executions in all, the first included. @default 3 */
  readonly maxAttempts?: number;
  /** @default exponential({ base: "1s", max: "10m" }) */
  readonly backoff?: Backoff;
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
  checkFields(options, field, ["maxAttempts", "backoff"]);
  return {
    maxAttempts: checkMaxAttempts(
      options.maxAttempts ?? DEFAULT_RETRY_POLICY.maxAttempts,
      `${field}.maxAttempts`,
    ),
    backoff: checkBackoff(options.backoff ?? DEFAULT_RETRY_POLICY.backoff, `${field}.backoff`),
  };
}

/** @throws UmbelError `invalid_argument` unless `value` is a number of attempts. */
export function checkMaxAttempts(value: unknown, field: string): number {
  return checkWholeNumber(value, field, { least: 1, most: MAX_ATTEMPTS });
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
  throw invalidArgument({ field, received: value, expected: 'exponential({ base: "1s" }) or fixed("5s")' });
}
