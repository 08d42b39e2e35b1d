import {
  DiscardRequest,
  nextDelayMs,
  RetryRequest,
  serializeError,
  UmbelError,
  type RetryPolicy,
  type SerializedError,
} from "@umbel/protocol";

/** How a handler ended, as its executor saw it. Plain data: it may have crossed a thread. */
export type AttemptResult =
  | { readonly kind: "returned"; readonly result: Uint8Array }
  | { readonly kind: "threw"; readonly error: SerializedError; readonly retryable: boolean }
  | { readonly kind: "retry"; readonly error: SerializedError; readonly delayMs: number | undefined }
  | { readonly kind: "discarded"; readonly error: SerializedError }
  /** The worker had to stop before the handler ended. */
  | { readonly kind: "interrupted" };

/** What an attempt comes to. Every value has exactly one settlement. */
export type Verdict =
  | { readonly kind: "succeeded"; readonly result: Uint8Array }
  | {
      readonly kind: "retry";
      readonly delayMs: number;
      readonly error: SerializedError;
      readonly asked: boolean;
    }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly error: SerializedError }
  | { readonly kind: "interrupted" };

/** Why a run that was executed has failed for good. */
export type FailureReason = "exhausted" | "discarded" | "undecodable" | "deadline";

/** What the verdict depends on besides the result. */
export interface AttemptFacts {
  readonly attempt: number;
  readonly policy: RetryPolicy;
  /** From 0 to 1: the jitter. */
  readonly random: number;
}

/** What a handler that threw `reason` asked for, or failed with. */
export function readThrown(reason: unknown): AttemptResult {
  const error = serializeError(reason);
  if (reason instanceof RetryRequest) return { kind: "retry", error, delayMs: reason.delayMs };
  if (reason instanceof DiscardRequest) return { kind: "discarded", error };
  return { kind: "threw", error, retryable: isRetryable(reason) };
}

// What no later attempt could change; every other error of a handler may pass.
const FINAL_CODES: ReadonlySet<string> = new Set([
  "schema_violation",
  "not_encodable",
  "payload_too_large",
  "undecodable",
  "invalid_argument",
  "would_deadlock",
]);

function isRetryable(reason: unknown): boolean {
  return !(reason instanceof UmbelError) || !FINAL_CODES.has(reason.code);
}

/** What an attempt comes to. Pure. */
export function judge(attempt: AttemptResult, facts: AttemptFacts): Verdict {
  switch (attempt.kind) {
    case "returned":
      return { kind: "succeeded", result: attempt.result };
    case "interrupted":
      return { kind: "interrupted" };
    case "discarded":
      return { kind: "failed", reason: "discarded", error: attempt.error };
    case "retry":
      return tryAgain(attempt.error, facts, attempt.delayMs);
    case "threw":
      if (attempt.retryable) return tryAgain(attempt.error, facts, undefined);
      return { kind: "failed", reason: finalReason(attempt.error), error: attempt.error };
    default:
      return attempt satisfies never;
  }
}

function finalReason({ code }: SerializedError): FailureReason {
  if (code === "undecodable") return "undecodable";
  return code === "deadline_exceeded" ? "deadline" : "discarded";
}

function tryAgain(error: SerializedError, facts: AttemptFacts, delayMs: number | undefined): Verdict {
  const { attempt, policy, random } = facts;
  if (attempt >= policy.maxAttempts) return { kind: "failed", reason: "exhausted", error };
  const asked = error.name === "RetryRequest";
  return { kind: "retry", delayMs: delayMs ?? nextDelayMs(policy.backoff, attempt, random), error, asked };
}
