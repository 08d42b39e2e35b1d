import {
  ROOT_CONTEXT,
  context as contextApi,
  isSpanContextValid,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapSetter,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";

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
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return NO_TRACE;
  const headers: WritableHeaders = {};
  propagator.inject(context, headers, setter);
  return headers.traceparent === undefined ? NO_TRACE : headers;
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

interface WritableHeaders {
  traceparent?: string;
  tracestate?: string;
}

const setter: TextMapSetter<WritableHeaders> = {
  set(headers, key, value) {
    // An empty trace state serialises to "": a header that says nothing.
    if (value === "") return;
    if (key === "traceparent") headers.traceparent = value;
    if (key === "tracestate") headers.tracestate = value;
  },
};

const getter: TextMapGetter<TraceHeaders> = {
  keys: (headers) => Object.keys(headers),
  get(headers, key) {
    if (key === "traceparent") return headers.traceparent;
    return key === "tracestate" ? headers.tracestate : undefined;
  },
};
