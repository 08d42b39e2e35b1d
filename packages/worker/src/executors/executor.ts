import { serializeError, UmbelError } from "@umbel/protocol";
import { readThrown, type AttemptResult } from "../execute/attempt.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import type { AbortControl } from "../execute/abort-control.ts";
import type { LoopContextDeps } from "./loop-context.ts";

/** What an executor needs. */
export interface ExecutorDeps extends LoopContextDeps {
  readonly workerId: string;
  readonly abortGraceMs: number;
  readonly maxResultBytes: number;
}

/** Who hears what an attempt came to. */
export interface AttemptListener {
  /** Called once for each attempt, never by whoever had it executed. */
  onResult(result: AttemptResult): void;
}

/** Executes handlers: on the loop or on threads. */
export interface Executor {
  /** Execute one attempt, and tell `listener` what it came to: whatever happens is a result. */
  execute(request: AttemptRequest, listener: AttemptListener): void;
}

/** What an attempt came to whose handler threw, or never ended, after it was aborted. */
export function resultAfterAbort(control: AbortControl, thrown: unknown): AttemptResult {
  const { cause, reason } = control;
  if (cause === undefined || reason === undefined) return readThrown(thrown, Date.now());
  if (cause !== "timeout" && cause !== "deadline") return { kind: "interrupted" };
  const error = new UmbelError(reason.code, reason.message, { cause: thrown, details: reason.details });
  return { kind: "threw", error: serializeError(error), retryable: cause === "timeout" };
}

/** The result, or the failure that it is too large to be stored. */
export function checkResultSize(result: Uint8Array, task: string, limitBytes: number): AttemptResult {
  if (result.byteLength <= limitBytes) return { kind: "returned", result };
  const error = new UmbelError(
    "payload_too_large",
    `the result of ${task} is ${result.byteLength} bytes; the server takes at most ${limitBytes}. ` +
      "Store it elsewhere and return where it is, or raise the server's max_payload.",
    { details: { field: "result", bytes: result.byteLength, limit: limitBytes } },
  );
  return { kind: "threw", error: serializeError(error), retryable: false };
}
