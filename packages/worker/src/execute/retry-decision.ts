import {
  DEFAULT_RETRY_POLICY,
  isNamed,
  nextDelayMs,
  parseDuration,
  serializeError,
  type ErrorFilter,
  type RetryPolicy,
  type SerializedError,
} from "@umbel/protocol";

/** What a failed attempt comes to. */
export type RetryDecision =
  | { readonly kind: "retry"; readonly delayMs: number }
  | {
      readonly kind: "failed";
      readonly reason: "exhausted" | "discarded";
      /** More about the reason, in words. */
      readonly detail?: string;
    };

/** A function of the policy that did not do what it is there for. */
export interface PolicyFault {
  readonly option: "retry.backoff" | "retry.retryOn" | "retry.discardOn";
  readonly error: SerializedError;
}

/** What a {@link RetryDecision} depends on. Times in milliseconds. */
export interface RetryFacts {
  /** The attempt that has failed, from 1. */
  readonly attempt: number;
  readonly policy: RetryPolicy;
  /** From 0 to 1: the jitter. */
  readonly random: number;
  readonly now: number;
  /** When the run was first due. */
  readonly firstDueAt: number;
}

/** Decide whether and when a failure is followed by another attempt. Says in `faults` which functions failed. */
export function decideRetry(
  failure: {
    readonly error: SerializedError;
    /** The handler asked for it: the policy's filters say nothing about that. */
    readonly asked: boolean;
    /** Instead of the backoff. */
    readonly delayMs?: number | undefined;
    /** What the error asks for: at least this long. */
    readonly hintMs?: number | undefined;
  },
  facts: RetryFacts,
  faults: PolicyFault[],
): RetryDecision {
  const { attempt, policy } = facts;
  const detail = failure.asked ? undefined : refusal(failure.error, policy, faults);
  if (detail !== undefined) return { kind: "failed", reason: "discarded", detail };
  if (attempt >= policy.maxAttempts) return { kind: "failed", reason: "exhausted" };
  const delayMs = failure.delayMs ?? Math.max(backoffMs(failure.error, facts, faults), failure.hintMs ?? 0);
  return isTooLate(delayMs, facts)
    ? { kind: "failed", reason: "exhausted", detail: tooLate(policy) }
    : { kind: "retry", delayMs };
}

function refusal(error: SerializedError, policy: RetryPolicy, faults: PolicyFault[]): string | undefined {
  const { retryOn, discardOn } = policy;
  if (discardOn !== undefined && (matches("discardOn", discardOn, { error, faults }) ?? false)) {
    return "discardOn says that the error is not tried again";
  }
  if (retryOn === undefined || (matches("retryOn", retryOn, { error, faults }) ?? true)) return undefined;
  return "retryOn does not say that the error is tried again";
}

function matches(
  option: "retryOn" | "discardOn",
  filter: ErrorFilter,
  { error, faults }: { readonly error: SerializedError; readonly faults: PolicyFault[] },
): boolean | undefined {
  if (typeof filter !== "function") return isNamed(error, filter);
  return attempted(`retry.${option}`, faults, () => {
    const answer: unknown = filter(error);
    if (typeof answer === "boolean") return answer;
    ignoreRejection(answer);
    throw new TypeError(`it must return true or false, and returned ${typeof answer}`);
  });
}

function backoffMs(
  error: SerializedError,
  { attempt, policy, random }: RetryFacts,
  faults: PolicyFault[],
): number {
  const { ownBackoff, backoff } = policy;
  if (ownBackoff === undefined) return nextDelayMs(backoff, attempt, random);
  const own = attempted("retry.backoff", faults, () => {
    const answer: unknown = ownBackoff({ attempt, error, random });
    ignoreRejection(answer);
    return parseDuration(answer, "what it returned");
  });
  return own ?? nextDelayMs(DEFAULT_RETRY_POLICY.backoff, attempt, random);
}

function attempted<T>(option: PolicyFault["option"], faults: PolicyFault[], call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    faults.push({ option, error: serializeError(error) });
    return undefined;
  }
}

// An asynchronous function is a mistake; its rejection that nobody hears would end the worker.
function ignoreRejection(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => undefined);
}

function isTooLate(delayMs: number, { policy, now, firstDueAt }: RetryFacts): boolean {
  return policy.maxElapsedMs !== undefined && now + delayMs > firstDueAt + policy.maxElapsedMs;
}

function tooLate({ maxElapsedMs }: RetryPolicy): string {
  return `the next attempt would come later than maxElapsed, ${maxElapsedMs} ms after the run was first due`;
}
