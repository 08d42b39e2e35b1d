import type { LogFields, Logger } from "@umbel/runtime";

/** A logger that keeps what it is told. */
export interface LogCollector {
  readonly logger: Logger;
  /** Fields of all lines, in order. */
  readonly lines: readonly LogFields[];
}

/** Collect log lines instead of writing them. */
export function collectLogs(): LogCollector {
  const lines: LogFields[] = [];
  const keep = (fields: LogFields): void => void lines.push(fields);
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => logger };
  return { logger, lines };
}
