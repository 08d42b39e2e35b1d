import { invalidArgument } from "./umbel-error.ts";

/** A length of time: milliseconds as a number, or text such as `"250ms" "30s" "5m" "2h" "1d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const EXPECTED = 'milliseconds as a number of 0 or more, or text like "250ms", "30s", "5m", "2h", "1d"';

/** The longest duration that is accepted: ten years. */
export const MAX_DURATION_MS: number = 3_650 * 86_400_000;

/**
 * `value` in whole milliseconds. `field` is what the error calls it.
 *
 * @throws UmbelError `invalid_argument` for anything else, a negative or endless one included.
 */
export function parseDuration(value: unknown, field: string): number {
  const ms = typeof value === "number" ? value : parseText(value);
  if (!Number.isFinite(ms) || ms < 0 || ms > MAX_DURATION_MS) {
    throw invalidArgument({ field, received: value, expected: EXPECTED });
  }
  return Math.round(ms);
}

/** Like {@link parseDuration}, and not zero. */
export function parsePositiveDuration(value: unknown, field: string): number {
  const ms = parseDuration(value, field);
  if (ms === 0) throw invalidArgument({ field, received: value, expected: "a duration above 0" });
  return ms;
}

function parseText(value: unknown): number {
  if (typeof value !== "string") return Number.NaN;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value.trim());
  const [, amount, unit] = match ?? [];
  return Number(amount) * (MS_PER_UNIT[unit ?? ""] ?? Number.NaN);
}
