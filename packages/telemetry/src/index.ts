// Names
export { ATTRIBUTES } from "./attributes.ts";

// Trace context over the wire and to threads
export { NO_TRACE, extractTrace, injectTrace, runInTrace } from "./propagation.ts";
export type { TraceHeaders } from "./propagation.ts";

// Spans
export { startEnqueueSpan } from "./spans/enqueue-span.ts";
export type { EnqueueSpan, EnqueueSpanOptions } from "./spans/enqueue-span.ts";
export { startProcessSpan } from "./spans/process-span.ts";
export type { ProcessSpanOptions } from "./spans/process-span.ts";
export type { ProcessOutcome, ProcessResult, ProcessScope } from "./spans/process-scope.ts";
export type { RunSpanOptions } from "./spans/run-attributes.ts";

// Logs
export { createLogger } from "./create-logger.ts";
export type { LogStream, LoggerOptions } from "./create-logger.ts";
export type { LogLevel } from "./log-level.ts";
export { LOG_EVENTS, logEvent } from "./log-event.ts";
export type { LogEvent } from "./log-event.ts";
export type { LogEventData, LogEventType } from "./log-event-data.ts";
