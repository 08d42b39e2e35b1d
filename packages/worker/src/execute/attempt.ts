import {
  DiscardRequest,
  RetryRequest,
  serializeError,
  UmbelError,
  type SerializedError,
} from "@umbel/protocol";
import { decideRetry, type PolicyFault, type RetryFacts } from "./retry-decision.ts";
import { readRetryHint } from "./retry-hint.ts";

/** How a handler ended, as its executor saw it. Plain data: it may have crossed a thread. */
export type AttemptResult =
  | { readonly kind: "returned"; readonly result: Uint8Array }
  | {
      readonly kind: "threw";
      readonly error: SerializedError;
      readonly retryable: boolean;
      /** How long the error asks to be left alone. */
      readonly hintMs?: number | undefined;
    }
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
      readonly faults?: readonly PolicyFault[];
    }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly error: SerializedError;
      /** More about the reason, in words. */
      readonly detail?: string;
      readonly faults?: readonly PolicyFault[];
    }
  | { readonly kind: "interrupted" };

/** Why a run that was executed has failed for good. */
export type FailureReason = "exhausted" | "discarded" | "undecodable" | "deadline";

/** What a handler that threw `reason` at `now` asked for, or failed with. */
export function readThrown(reason: unknown, now: number): AttemptResult {
  const error = serializeError(reason);
  if (reason instanceof RetryRequest) return { kind: "retry", error, delayMs: reason.delayMs };
  if (reason instanceof DiscardRequest) return { kind: "discarded", error };
  const hintMs = readRetryHint(reason, now);
  const threw = { kind: "threw", error, retryable: isRetryable(reason) } as const;
  return hintMs === undefined ? threw : { ...threw, hintMs };
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

/** What an attempt comes to. Pure, as far as the functions of the policy are; `facts` are asked for where they matter. */
export function judge(attempt: AttemptResult, facts: () => RetryFacts): Verdict {
  switch (attempt.kind) {
    case "returned":
      return { kind: "succeeded", result: attempt.result };
    case "interrupted":
      return { kind: "interrupted" };
    case "discarded":
      return { kind: "failed", reason: "discarded", error: attempt.error };
    case "retry":
      return tryAgain({ error: attempt.error, asked: true, delayMs: attempt.delayMs }, facts());
    case "threw":
      if (attempt.retryable) {
        return tryAgain({ error: attempt.error, asked: false, hintMs: attempt.hintMs }, facts());
      }
      return { kind: "failed", reason: finalReason(attempt.error), error: attempt.error };
    default:
      return attempt satisfies never;
  }
}

function finalReason({ code }: SerializedError): FailureReason {
  if (code === "undecodable") return "undecodable";
  return code === "deadline_exceeded" ? "deadline" : "discarded";
}

function tryAgain(failure: Parameters<typeof decideRetry>[0], facts: RetryFacts): Verdict {
  const faults: PolicyFault[] = [];
  const { error, asked } = failure;
  const decision = decideRetry(failure, facts, faults);
  const found = faults.length === 0 ? {} : { faults };
  return decision.kind === "retry"
    ? { ...decision, error, asked, ...found }
    : { ...decision, error, ...found };
}
