import type { Delivery } from "@umbel/broker";
import { decodeToken, parseRunHeader, RUN_HEADER, UmbelError } from "@umbel/protocol";
import { NO_TRACE, type TraceHeaders } from "@umbel/telemetry";
import type { HandlerRegistry } from "../handler-registry.ts";
import type { Run, Unreadable } from "./run.ts";

/** What `delivery` is: a run, or something that was published by hand. Never throws. */
export function openRun(delivery: Delivery, registry: HandlerRegistry): Run | Unreadable {
  const { runId } = delivery;
  const { queue } = delivery.source;
  const header = delivery.header(RUN_HEADER);
  if (header === undefined) return unreadable(delivery, missingHeader());
  try {
    const meta = parseRunHeader(header);
    return { runId, queue, meta, handler: registry.get(meta.task), trace: traceOf(delivery), delivery };
  } catch (error) {
    return unreadable(delivery, UmbelError.from(error, "undecodable"));
  }
}

/** Whether {@link openRun} found a run. */
export function isRun(opened: Run | Unreadable): opened is Run {
  return "meta" in opened;
}

function unreadable(delivery: Delivery, error: UmbelError): Unreadable {
  const token = delivery.subject.split(".").at(-2) ?? "";
  return {
    runId: delivery.runId,
    queue: delivery.source.queue,
    task: decodeToken(token) ?? token,
    error,
    delivery,
  };
}

function missingHeader(): UmbelError {
  return new UmbelError("undecodable", `the message has no ${RUN_HEADER} header: it is not a run.`, {
    details: { field: RUN_HEADER },
  });
}

function traceOf(delivery: Delivery): TraceHeaders {
  const traceparent = delivery.header("traceparent");
  if (traceparent === undefined) return NO_TRACE;
  const tracestate = delivery.header("tracestate");
  return { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
}
