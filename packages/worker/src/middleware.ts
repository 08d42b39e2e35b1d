import { enqueueLayers } from "@umbel/client/internal";
import type { EnqueueMiddleware } from "@umbel/client";
import { checkFields, type SerializedError, type UserHeaders } from "@umbel/protocol";

/** The attempt that a middleware stands around. The same for handlers on the loop and on threads. */
export interface AttemptContext {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  /** Execution by retry policy, from 1. */
  readonly attempt: number;
  /** Hand-over by the broker, from 1. */
  readonly delivery: number;
  /** How often a handler of this run has been begun, this time included, as far as is known. */
  readonly start: number;
  readonly runsOn: "loop" | "thread";
  /** The enqueuer's own headers. */
  readonly headers: UserHeaders;
  readonly tags: readonly string[];
  /** Aborts on timeout, cancel and when the worker must stop. */
  readonly signal: AbortSignal;
}

/** How the handler ended, as data: errors of a thread are no objects of this one. */
export type AttemptEnd =
  | { readonly kind: "returned" }
  | { readonly kind: "threw" | "retry" | "discarded"; readonly error: SerializedError }
  /** The worker stops, or the run was cancelled: what a middleware throws then changes nothing. */
  | { readonly kind: "interrupted" };

/** Execute the attempt. Resolves when its handler has ended, however; rejects with what an inner middleware throws. */
export type ExecuteNext = () => Promise<AttemptEnd>;

/** What stands around enqueues, executions, or both. */
export interface Middleware extends EnqueueMiddleware {
  /**
   * Call `next` once and wait for it. What it returns is not looked at: the handler's result, or its failure,
   * stands, unless the middleware throws. Then the attempt fails with that, as if the handler had thrown it.
   */
  execute?(context: AttemptContext, next: ExecuteNext): Promise<void>;
}

/** A middleware whose `execute` is there. */
export type ExecuteLayer = Middleware & Required<Pick<Middleware, "execute">>;

/** `middleware`, checked. @throws UmbelError `invalid_argument` naming an unknown field */
export function defineMiddleware(middleware: Middleware): Middleware {
  checkFields(middleware, "middleware", ["name", "enqueue", "execute"]);
  enqueueLayers([middleware]);
  return middleware;
}

/** Those of `middleware` that stand around an execution. */
export function executeLayers(middleware: readonly Middleware[]): readonly ExecuteLayer[] {
  return middleware.filter((each): each is ExecuteLayer => each.execute !== undefined);
}
