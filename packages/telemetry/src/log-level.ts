import { invalidArgument } from "@umbel/protocol";

/** What a logger writes: this level and those after it. `silent` writes nothing. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

const LOG_LEVELS: readonly string[] = ["debug", "info", "warn", "error", "silent"] satisfies LogLevel[];

const LEVEL_VARIABLE = "UMBEL_LOG_LEVEL";

/**
 * The level to log at: `option`, else the environment's `UMBEL_LOG_LEVEL`, else `"info"`.
 *
 * @throws UmbelError `invalid_argument` for a level that does not exist
 */
export function resolveLogLevel(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): LogLevel {
  if (option !== undefined) return checkedLevel("level", option);
  const variable = environment[LEVEL_VARIABLE];
  return variable === undefined || variable === "" ? "info" : checkedLevel(LEVEL_VARIABLE, variable);
}

function checkedLevel(field: string, received: string): LogLevel {
  if (isLogLevel(received)) return received;
  throw invalidArgument({ field, received, expected: `one of ${LOG_LEVELS.join(", ")}` });
}

function isLogLevel(value: string): value is LogLevel {
  return LOG_LEVELS.includes(value);
}
