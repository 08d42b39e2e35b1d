/**
 * Every attribute key that Umbel writes on spans and log lines.
 *
 * The `messaging.*` keys follow OpenTelemetry's semantic conventions, which are still in development:
 * they are spelled here so that a rename there is a change of one file.
 */
export const ATTRIBUTES = {
  // OpenTelemetry messaging
  messagingSystem: "messaging.system",
  /** The successor of `messaging.system`; both are written, since readers still know only the old one. */
  messagingSystemName: "messaging.system.name",
  messagingOperationName: "messaging.operation.name",
  messagingOperationType: "messaging.operation.type",
  messagingDestinationName: "messaging.destination.name",
  messagingMessageId: "messaging.message.id",
  messagingMessageBodySize: "messaging.message.body.size",
  messagingBatchMessageCount: "messaging.batch.message_count",
  errorType: "error.type",

  // Umbel
  task: "umbel.task",
  runId: "umbel.run_id",
  parentRunId: "umbel.parent_run_id",
  rootRunId: "umbel.root_run_id",
  queue: "umbel.queue",
  priority: "umbel.priority",
  attempt: "umbel.attempt",
  delivery: "umbel.delivery",
  start: "umbel.start",
  /** Milliseconds from the enqueue to the start of this attempt. */
  waitMs: "umbel.wait_ms",
  runsOn: "umbel.runs_on",
  workerId: "umbel.worker.id",
  outcome: "umbel.outcome",

  // Log lines
  event: "event",
  logError: "err",
  traceId: "trace_id",
  spanId: "span_id",
  traceFlags: "trace_flags",
} as const;

/** The value of `messaging.system`. */
export const MESSAGING_SYSTEM = "nats";
