import { invalidArgument, nearestName } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";

const LEVELS: readonly string[] = ["debug", "info", "warn", "error", "silent"];

/** @throws UmbelError `invalid_argument` unless `value` is a level of a log. */
export function checkLogLevel(value: unknown, field = "level"): string {
  if (typeof value === "string" && LEVELS.includes(value)) return value;
  const nearest = nearestName(String(value), LEVELS);
  throw invalidArgument({
    field,
    received: value,
    expected: `one of ${LEVELS.join(", ")}`,
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}

/**
 * Have `logger` write `level` and what is more urgent. Loggers that were derived from it before keep theirs.
 *
 * @returns the level before
 * @throws UmbelError `invalid_argument` when it has no level, as pino's loggers have.
 */
export function setLogLevel(logger: Logger, level: string): string {
  if (!("level" in logger) || typeof logger.level !== "string") {
    throw invalidArgument({
      field: "level",
      received: level,
      expected: "a worker whose logger has a level that can be set",
      fix: "The logger of this one is not of pino's kind.",
    });
  }
  const before = logger.level;
  logger.level = level;
  return before;
}
