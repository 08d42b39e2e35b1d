import { hostname } from "node:os";
import { isatty } from "node:tty";
import { isSpanContextValid, trace } from "@opentelemetry/api";
import { invalidArgument } from "@umbel/protocol";
import type { LogFields, Logger } from "@umbel/runtime";
import { pino } from "pino";
import { ATTRIBUTES } from "./attributes.ts";
import { errorFields } from "./error-fields.ts";
import { resolveLogLevel, type LogLevel } from "./log-level.ts";
import { prettyLine } from "./pretty-line.ts";

/** Where log lines go. `write` gets one whole line, with its line feed. */
export interface LogStream {
  write(line: string): unknown;
}

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  /** @default the environment's `UMBEL_LOG_LEVEL`, else `"info"` */
  readonly level?: LogLevel;
  /** Written as `name` on every line. */
  readonly name?: string;
  /**
   * A file descriptor, written to synchronously so that no line is lost at exit, or a stream.
   *
   * @default 1, standard output
   */
  readonly destination?: number | LogStream;
  /**
   * Lines for people instead of JSON.
   *
   * @default false
   */
  readonly pretty?: boolean;
  /** Fields of every line, besides `pid` and `hostname`. */
  readonly base?: LogFields;
}

/**
 * A structured logger: one JSON object a line with `level`, ISO `time`, the fields and `msg`; the ids of
 * the active span as `trace_id`, `span_id` and `trace_flags`; errors under `err` with code, details,
 * stack and causes.
 *
 * @throws UmbelError `invalid_argument` for a level or a destination that does not exist
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  return pino(
    {
      level: resolveLogLevel(options.level, process.env),
      ...(options.name === undefined ? {} : { name: options.name }),
      base: { pid: process.pid, hostname: hostname(), ...options.base },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // `error` too: without it JSON turns an Error into {}.
      serializers: { [ATTRIBUTES.logError]: errorFields, error: errorFields },
      mixin: activeTraceFields,
      mixinMergeStrategy: mergeFields,
    },
    openDestination(options.destination ?? 1, options.pretty ?? false),
  );
}

const NO_FIELDS: LogFields = Object.freeze({});

function activeTraceFields(): LogFields {
  const spanContext = trace.getActiveSpan()?.spanContext();
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return NO_FIELDS;
  return {
    [ATTRIBUTES.traceId]: spanContext.traceId,
    [ATTRIBUTES.spanId]: spanContext.spanId,
    [ATTRIBUTES.traceFlags]: spanContext.traceFlags.toString(16).padStart(2, "0"),
  };
}

/** As pino's own, but `fromSpan` may be shared: it is not written to. */
function mergeFields(fields: object, fromSpan: object): object {
  return fromSpan === NO_FIELDS ? fields : { ...fromSpan, ...fields };
}

function openDestination(destination: number | LogStream, pretty: boolean): LogStream {
  const stream = typeof destination === "number" ? openDescriptor(destination) : destination;
  if (!pretty) return stream;
  const colour =
    typeof destination === "number" && isatty(destination) && process.env["NO_COLOR"] === undefined;
  return { write: (line) => stream.write(prettyLine(line, colour)) };
}

function openDescriptor(descriptor: number): LogStream {
  if (Number.isInteger(descriptor) && descriptor >= 1)
    return pino.destination({ dest: descriptor, sync: true });
  throw invalidArgument({
    field: "destination",
    received: descriptor,
    expected: "a file descriptor of at least 1, or a stream",
    fix: "Use 1 for standard output, 2 for standard error.",
  });
}
