import type { Span } from "@opentelemetry/api";
import type { EnqueueOptions, Receipt } from "@umbel/client";
import type { RetryRequestOptions, Task, UserHeaders } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";

/** A run that a handler enqueued. */
export interface EnqueuedChild {
  readonly id: string;
  readonly receipt: Receipt;
  /**
   * Always fails: a handler that waits for another run holds its slot, and enough of them leave no slot for the
   * run that they wait for. Enqueue it and return; what comes next is a run of its own.
   *
   * @throws UmbelError `would_deadlock`
   */
  result(): Promise<never>;
}

/** What a handler is given besides its input. The same on the loop and on a thread. */
export interface TaskContext {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  /** Execution by retry policy, from 1. */
  readonly attempt: number;
  /** Hand-over by the broker, from 1. */
  readonly delivery: number;
  /** How often a handler of this run has been begun, this time included, as far as is known. */
  readonly start: number;
  /**
   * Grows with every start that takes the run over from another. Store it with your own writes and refuse
   * smaller ones: then a worker that was thought dead cannot overwrite its successor. 0 for a first start.
   */
  readonly fence: number;
  /**
   * When the attempt is aborted, in milliseconds since the epoch: the earlier of its timeout and the run's
   * deadline; `undefined` without either.
   */
  readonly deadline: number | undefined;
  /** The enqueuer's own headers. */
  readonly headers: UserHeaders;
  /** The tags that it was enqueued with. */
  readonly tags: readonly string[];
  /** Aborts on timeout, cancel and when the worker must stop: its reason is an UmbelError that says which. */
  readonly signal: AbortSignal;
  /** Adds the run to every line. */
  readonly log: Logger;
  /** The run's span while a tracer provider is registered in the worker's main thread. */
  readonly span: Span | undefined;
  /**
   * Enqueue a run that continues this one: it carries its lineage and its trace. Its id follows from this
   * run's, so executing the handler again does not enqueue it again.
   */
  enqueue<Input, Output>(
    task: Task<Input, Output, unknown, unknown>,
    input: NoInfer<Input>,
    options?: Omit<EnqueueOptions, "runId">,
  ): Promise<EnqueuedChild>;
  /** End this attempt and ask for another one. Not a failure in the logs; it counts as an attempt. */
  retry(options?: RetryRequestOptions): never;
  /** End the run as failed for good: no more attempts, and it is in the dead letters. */
  discard(reason: string): never;
}
