import { ROOT_CONTEXT, context as contextApi, trace, type Context, type Span } from "@opentelemetry/api";
import { ATTRIBUTES } from "../attributes.ts";
import { NO_TRACE, extractTrace, injectTrace, type TraceHeaders } from "../propagation.ts";
import { recordError } from "./record-error.ts";

/** What one attempt came to, as its span says it. Only `failed` and `retrying` can be errors. */
export type ProcessOutcome =
  | "succeeded"
  | "failed"
  | "retrying"
  | "discarded"
  | "cancelled"
  | "expired"
  | "handed_back"
  | "refused";

/** The end of an attempt. */
export interface ProcessResult {
  readonly outcome: ProcessOutcome;
  /** Why it failed. Absent from a `retrying` that the handler itself asked for: that is no failure. */
  readonly error?: unknown;
}

/** One attempt of a run as telemetry sees it: the same object whether or not anything is recorded. */
export interface ProcessScope {
  /** The context in which the handler must run. */
  readonly context: Context;
  /** Call the handler in {@link context}, and return what it returns. */
  run<Result>(handler: () => Result): Result;
  /**
   * The context of something that the handler does, such as an enqueue: the active one when it has a
   * span, else {@link context} (there may be no context manager to make that one active).
   */
  callContext(): Context;
  /** The trace to hand to a thread, or `NO_TRACE`. */
  headers(): TraceHeaders;
  /** Close the scope. Once: later calls do nothing. */
  end(result: ProcessResult): void;
}

/** The scope where there is neither an SDK nor a trace: one shared object. */
export const noScope: ProcessScope = {
  context: ROOT_CONTEXT,
  run: (handler) => handler(),
  callContext: () => contextApi.active(),
  headers: () => NO_TRACE,
  end: () => undefined,
};

/** The scope that only passes the run's trace on, where no SDK records it. */
export class ForwardingScope implements ProcessScope {
  readonly #headers: TraceHeaders;
  #context: Context | undefined;

  constructor(headers: TraceHeaders) {
    this.#headers = headers;
  }

  get context(): Context {
    return (this.#context ??= extractTrace(this.#headers));
  }

  run<Result>(handler: () => Result): Result {
    return contextApi.with(this.context, handler);
  }

  callContext(): Context {
    return callContext(this.context);
  }

  headers(): TraceHeaders {
    return injectTrace(this.context);
  }

  end(): void {}
}

/** The scope of an open span. */
export class SpanScope implements ProcessScope {
  readonly context: Context;
  readonly #span: Span;
  #ended = false;

  constructor(span: Span, parent: Context) {
    this.#span = span;
    this.context = trace.setSpan(parent, span);
  }

  run<Result>(handler: () => Result): Result {
    return contextApi.with(this.context, handler);
  }

  callContext(): Context {
    return callContext(this.context);
  }

  headers(): TraceHeaders {
    return injectTrace(this.context);
  }

  end({ outcome, error }: ProcessResult): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#span.setAttribute(ATTRIBUTES.outcome, outcome);
    if (isFailure(outcome, error)) recordError(this.#span, error);
    this.#span.end();
  }
}

function callContext(fallback: Context): Context {
  const active = contextApi.active();
  return trace.getSpan(active) === undefined ? fallback : active;
}

function isFailure(outcome: ProcessOutcome, error: unknown): boolean {
  return outcome === "failed" || (outcome === "retrying" && error !== undefined);
}
