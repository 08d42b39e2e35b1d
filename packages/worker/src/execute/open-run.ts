import { createHash } from "node:crypto";
import {
  decodeToken,
  describe,
  isRunId,
  isTaskName,
  parseRunHeader,
  RUN_HEADER,
  UmbelError,
} from "@umbel/protocol";
import { NO_TRACE, type TraceHeaders } from "@umbel/telemetry";
import type { HandlerRegistry } from "../handler-registry.ts";
import type { Run, RunDelivery, Unreadable } from "./run.ts";

/** What `delivery` is: a run, or something that was published by hand. Never throws. */
export function openRun(delivery: RunDelivery, registry: HandlerRegistry): Run | Unreadable {
  const { runId } = delivery;
  const { queue } = delivery.source;
  const header = delivery.header(RUN_HEADER);
  if (header === undefined) return unreadable(delivery, missingHeader());
  if (!isRunId(runId)) return unreadable(delivery, strangeId(runId));
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

// A stranger's subject can be so long that the server would not take another one with the same tokens: then its
// record and its dead letter have names of ours, and the letter holds the subject.
function unreadable(delivery: RunDelivery, error: UmbelError): Unreadable {
  const { runId, subject } = delivery;
  // The subject of a keyed run tells its key instead.
  const task = delivery.source.lane === undefined ? (decodeToken(subject.split(".").at(-2) ?? "") ?? "") : "";
  return {
    runId: isRunId(runId) ? runId : createHash("sha256").update(subject).digest("hex"),
    queue: delivery.source.queue,
    task: isTaskName(task) ? task : "-",
    error,
    delivery,
  };
}

function strangeId(runId: string): UmbelError {
  const received = describe(runId);
  return new UmbelError(
    "undecodable",
    `the subject of the message ends with no run id, but with ${received}.`,
    {
      details: { field: "subject", received },
    },
  );
}

function missingHeader(): UmbelError {
  return new UmbelError("undecodable", `the message has no ${RUN_HEADER} header: it is not a run.`, {
    details: { field: RUN_HEADER },
  });
}

function traceOf(delivery: RunDelivery): TraceHeaders {
  const traceparent = delivery.header("traceparent");
  if (traceparent === undefined) return NO_TRACE;
  const tracestate = delivery.header("tracestate");
  return { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
}
