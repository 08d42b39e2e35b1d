import { SpanKind, context as contextApi, type Context, type Span, type Tracer } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { ATTRIBUTES } from "../attributes.ts";
import { NO_TRACE, traceHeaders, type TraceHeaders } from "../propagation.ts";
import { recordError } from "./record-error.ts";
import { registeredTracer } from "./registered-tracer.ts";
import { samplingAttributes, setRunAttributes, type RunSpanOptions } from "./run-attributes.ts";

/** What {@link startEnqueueSpan} needs. */
export interface EnqueueSpanOptions extends RunSpanOptions {
  /** Absent for a batch: no single run is meant. */
  readonly runId?: string;
  /** Size of the encoded input, of a batch in all. */
  readonly bodyBytes: number;
  /** Number of runs, when they are enqueued as a batch. */
  readonly batchSize?: number;
  /**
   * The context that the span belongs to.
   *
   * @default the active context
   */
  readonly parent?: Context;
}

/** An open span of one enqueue. */
export interface EnqueueSpan {
  /** The headers that make the run's process spans children of this span. */
  headers(): TraceHeaders;
  /** Close the span; with an `error`, as failed. Once: later calls do nothing. */
  end(error?: unknown): void;
}

/**
 * Open the span `send <queue>` of kind PRODUCER. `undefined` while no tracer provider is registered:
 * then the trace to send along, if there is one, is `injectTrace(parent)`.
 */
export function startEnqueueSpan(options: EnqueueSpanOptions): EnqueueSpan | undefined {
  const tracer = registeredTracer();
  return tracer === undefined ? undefined : openSpan(tracer, options);
}

function openSpan(tracer: Tracer, options: EnqueueSpanOptions): EnqueueSpan {
  const parent = options.parent ?? contextApi.active();
  const attributes = samplingAttributes("send", options);
  const span = tracer.startSpan(`send ${options.queue}`, { kind: SpanKind.PRODUCER, attributes }, parent);
  if (span.isRecording()) setDetails(span, options);
  return new OpenEnqueueSpan(span, parent);
}

function setDetails(span: Span, options: EnqueueSpanOptions): void {
  setRunAttributes(span, options.runId, options);
  span.setAttribute(ATTRIBUTES.messagingMessageBodySize, options.bodyBytes);
  if (options.batchSize === undefined) return;
  span.setAttribute(ATTRIBUTES.messagingBatchMessageCount, options.batchSize);
}

class OpenEnqueueSpan implements EnqueueSpan {
  readonly #span: Span;
  readonly #parent: Context;
  #ended = false;

  constructor(span: Span, parent: Context) {
    this.#span = span;
    this.#parent = parent;
  }

  headers(): TraceHeaders {
    return isTracingSuppressed(this.#parent) ? NO_TRACE : traceHeaders(this.#span.spanContext());
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    if (error !== undefined) recordError(this.#span, error);
    this.#span.end();
  }
}
