import { ROOT_CONTEXT, SpanKind, trace, type Span, type Tracer } from "@opentelemetry/api";
import { ATTRIBUTES } from "../attributes.ts";
import { extractTrace, type TraceHeaders } from "../propagation.ts";
import { ForwardingScope, SpanScope, noScope, type ProcessScope } from "./process-scope.ts";
import { registeredTracer } from "./registered-tracer.ts";
import { samplingAttributes, setRunAttributes, type RunSpanOptions } from "./run-attributes.ts";

/** What {@link startProcessSpan} needs. */
export interface ProcessSpanOptions extends RunSpanOptions {
  readonly runId: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly start: number;
  readonly workerId: string;
  /** When the run was enqueued, in milliseconds since the epoch. */
  readonly enqueuedAtMs: number;
  readonly runsOn: "loop" | "thread";
  /** The trace that came with the run, or `NO_TRACE`. */
  readonly traceHeaders: TraceHeaders;
  /**
   * How the span relates to the enqueue. `child`: in its trace, every attempt beside the others.
   * `link`: a trace of its own that links to it, for runs that start long after (cron, long delays,
   * redrives) or in thousands, which would make the enqueuer's trace unreadable.
   *
   * @default "child"
   */
  readonly parenting?: "child" | "link";
}

/**
 * Begin one attempt: the span `process <queue>` of kind CONSUMER. Where no tracer provider is registered
 * nothing is recorded, and the scope passes on the trace of `traceHeaders`, if they name one.
 *
 * The caller's active context plays no part: a worker's loop belongs to no run.
 */
export function startProcessSpan(options: ProcessSpanOptions): ProcessScope {
  const tracer = registeredTracer();
  if (tracer !== undefined) return openSpan(tracer, options);
  return options.traceHeaders.traceparent === undefined ? noScope : new ForwardingScope(options.traceHeaders);
}

function openSpan(tracer: Tracer, options: ProcessSpanOptions): ProcessScope {
  const creation = extractTrace(options.traceHeaders);
  const creationSpan = trace.getSpanContext(creation);
  const parent = options.parenting === "link" ? ROOT_CONTEXT : creation;
  const span = tracer.startSpan(
    `process ${options.queue}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: samplingAttributes("process", options),
      // The conventions want the link to the creating span also where that is the parent.
      ...(creationSpan === undefined ? {} : { links: [{ context: creationSpan }] }),
    },
    parent,
  );
  if (span.isRecording()) setDetails(span, options);
  return new SpanScope(span, parent);
}

function setDetails(span: Span, options: ProcessSpanOptions): void {
  setRunAttributes(span, options.runId, options);
  span.setAttribute(ATTRIBUTES.attempt, options.attempt);
  span.setAttribute(ATTRIBUTES.delivery, options.delivery);
  span.setAttribute(ATTRIBUTES.start, options.start);
  span.setAttribute(ATTRIBUTES.workerId, options.workerId);
  span.setAttribute(ATTRIBUTES.runsOn, options.runsOn);
  // Two machines, two clocks: a wait cannot be negative.
  span.setAttribute(ATTRIBUTES.waitMs, Math.max(0, Date.now() - options.enqueuedAtMs));
}
