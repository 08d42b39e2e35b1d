import { parsePositiveDuration, type Duration } from "./duration.ts";
import { invalidArgument } from "./umbel-error.ts";

/** How long the outcome of a run is kept unless its task says otherwise: one day. */
export const DEFAULT_RESULT_TTL_MS: number = 86_400_000;
/**
 * How long the outcome of a success is kept whose result nobody reads: five minutes. Longer than a delivery takes
 * to come back (the ack-wait, 30 s unless a worker says otherwise) and than a waiting client takes to ask (30 s at
 * most); then its marker still says for an hour that the run is over.
 */
export const IGNORED_RESULT_TTL_MS: number = 300_000;
/** The longest that an outcome can be kept: 30 days. */
export const MAX_RESULT_TTL_MS: number = 30 * 86_400_000;
/** The server keeps time to live in whole seconds, one at least. */
export const MIN_RESULT_TTL_MS = 1_000;

/** @throws UmbelError `invalid_argument` unless `value` is absent, or from one second to 30 days. */
export function checkResultTtl(value: Duration | undefined, field: string): number | undefined {
  if (value === undefined) return undefined;
  const ms = parsePositiveDuration(value, field);
  if (ms >= MIN_RESULT_TTL_MS && ms <= MAX_RESULT_TTL_MS) return ms;
  throw invalidArgument({ field, received: value, expected: 'a duration from "1s" to "30d"' });
}
