import {
  ROOT_CONTEXT,
  context as contextApi,
  isSpanContextValid,
  trace,
  type Context,
  type SpanContext,
  type TextMapGetter,
} from "@opentelemetry/api";
import { isTracingSuppressed, W3CTraceContextPropagator } from "@opentelemetry/core";

/** A trace context as it travels: the two headers of W3C Trace Context. A key without a value is absent. */
export interface TraceHeaders {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** The headers of no trace: one shared, frozen object. */
export const NO_TRACE: TraceHeaders = Object.freeze({});

// Our own instance: propagation must work where nobody registered a propagator or an SDK.
const propagator = new W3CTraceContextPropagator();

/**
 * The headers that carry the trace of `context` (default: the active one).
 * {@link NO_TRACE} when there is no valid span context in it, or tracing is suppressed.
 */
export function injectTrace(context: Context = contextApi.active()): TraceHeaders {
  const spanContext = trace.getSpanContext(context);
  return spanContext === undefined || isTracingSuppressed(context) ? NO_TRACE : traceHeaders(spanContext);
}

/**
 * The headers that name a span, as https://www.w3.org/TR/trace-context/ writes them; {@link NO_TRACE} when it is none.
 * For every enqueue that is traced: the propagator would need a context made for it.
 */
export function traceHeaders(spanContext: SpanContext): TraceHeaders {
  if (!isSpanContextValid(spanContext)) return NO_TRACE;
  const { traceId, spanId, traceFlags, traceState } = spanContext;
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  // An empty trace state is a header that says nothing.
  const tracestate = traceState?.serialize() ?? "";
  return tracestate === "" ? { traceparent } : { traceparent, tracestate };
}

/**
 * `base` (default: the root context) with the remote span that `headers` name.
 * `base` itself when they name none, or a malformed one.
 */
export function extractTrace(headers: TraceHeaders, base: Context = ROOT_CONTEXT): Context {
  return headers.traceparent === undefined ? base : propagator.extract(base, headers, getter);
}

/**
 * Call `fn` in the trace that `headers` name: the receiving end of a hand-over to a thread or a process.
 * Returns what `fn` returns; what it starts asynchronously belongs to the trace too.
 */
export function runInTrace<Result>(headers: TraceHeaders, fn: () => Result): Result {
  if (headers.traceparent === undefined) return fn();
  return contextApi.with(extractTrace(headers), fn);
}

const getter: TextMapGetter<TraceHeaders> = {
  keys: (headers) => Object.keys(headers),
  get(headers, key) {
    if (key === "traceparent") return headers.traceparent;
    return key === "tracestate" ? headers.tracestate : undefined;
  },
};
