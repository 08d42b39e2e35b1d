import type { Logger } from "@umbel/runtime";
import { createLogger } from "@umbel/telemetry";

const STANDARD_ERROR = 2;

/** Says on standard error when something is wrong. */
export function benchLogger(): Logger {
  return createLogger({ name: "bench", level: "warn", destination: STANDARD_ERROR });
}
