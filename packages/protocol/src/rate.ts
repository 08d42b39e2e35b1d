import { invalidArgument } from "./umbel-error.ts";

/** How often something may happen: `"100/s"`, `"30/m"`, `"5/h"`. */
export type Rate = `${number}/${"s" | "m" | "h"}`;

const MS_PER_UNIT: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * The milliseconds between two of what may happen at the rate `value`.
 *
 * @throws UmbelError `invalid_argument` for anything but a {@link Rate} above zero.
 */
export function parseRate(value: unknown, field = "rate"): number {
  const [, count, unit] = typeof value === "string" ? (/^(\d+(?:\.\d+)?)\/([smh])$/.exec(value) ?? []) : [];
  const interval = (MS_PER_UNIT[unit ?? ""] ?? Number.NaN) / Number(count);
  if (Number.isFinite(interval) && interval > 0) return interval;
  throw invalidArgument({
    field,
    received: value,
    expected: 'a rate above 0 such as "100/s", "30/m" or "5/h"',
  });
}
