import { checkWholeNumber } from "./check-options.ts";
import { invalidArgument } from "./umbel-error.ts";

/** How many lanes a queue has unless it is configured. */
export const DEFAULT_LANES = 8;
/** Each lane is a consumer of the broker: more of them would cost it more than they are worth. */
export const MAX_LANES = 32;

const MAX_KEY = 200;

/**
 * What a keyed run does while it waits for its next attempt: it holds its lane, so that nothing overtakes it, or
 * it steps aside, and others of its key go on.
 */
export type OnRetry = "keep-order" | "allow-reorder";

/** The lane of `key` among `lanes`: the same on every machine and in every language. */
export function laneOf(key: string, lanes: number): number {
  // FNV-1a, 32 bits, over the UTF-8 form: http://www.isthe.com/chongo/tech/comp/fnv/
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % lanes;
}

/** @throws UmbelError `invalid_argument` unless `value` can be the key of a run. */
export function checkKey(value: unknown, field = "key"): string {
  // Half a surrogate pair has no UTF-8 form: two such keys would become one.
  if (typeof value === "string" && value !== "" && value.length <= MAX_KEY && isWellFormed(value))
    return value;
  throw invalidArgument({ field, received: value, expected: `text of 1 to ${MAX_KEY} characters` });
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** @throws UmbelError `invalid_argument` unless `value` is a number of lanes that a queue can have. */
export function checkLanes(value: unknown, field = "lanes"): number {
  return checkWholeNumber(value, field, { least: 1, most: MAX_LANES });
}

/** @throws UmbelError `invalid_argument` unless `value` is an {@link OnRetry}. */
export function checkOnRetry(value: unknown, field = "onRetry"): OnRetry {
  if (value === "keep-order" || value === "allow-reorder") return value;
  throw invalidArgument({ field, received: value, expected: '"keep-order" or "allow-reorder"' });
}
