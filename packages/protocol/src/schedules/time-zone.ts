import { nearestName } from "../check-options.ts";
import { invalidArgument } from "../umbel-error.ts";

/** What a time on the wall clock of a zone is in that zone. Times in milliseconds since the epoch. */
export type WallTime =
  | { readonly kind: "once"; readonly at: number }
  /** The clock was put forward over it; `after` is the first moment behind the gap. */
  | { readonly kind: "skipped"; readonly after: number }
  /** The clock was put back, and showed it twice. */
  | { readonly kind: "repeated"; readonly first: number; readonly last: number };

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The name of an IANA time zone.
 *
 * @throws UmbelError `invalid_argument` with the name that was probably meant.
 */
export function checkTimeZone(value: unknown, field = "timeZone"): string {
  if (typeof value === "string" && isTimeZone(value)) return value;
  const nearest = typeof value === "string" ? nearestZone(value) : undefined;
  throw invalidArgument({
    field,
    received: value,
    expected: 'the IANA name of a time zone, such as "Europe/Paris" or "UTC"',
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}

// Offsets such as "+02:00" are zones to the library, and know of no daylight saving.
function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    formatOf(value);
    return true;
  } catch {
    return false;
  }
}

function nearestZone(value: string): string | undefined {
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone")];
  const city =
    value
      .split("/")
      .at(-1)
      ?.replaceAll(/[\s-]+/g, "_") ?? "";
  const sameCity = zones.find((zone) => zone.split("/").at(-1)?.toLowerCase() === city.toLowerCase());
  return sameCity ?? nearestName(value, zones);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

/** How far the clocks of `zone` are ahead of UTC at the moment `at`, in milliseconds. */
export function offsetAt(zone: string, at: number): number {
  if (zone === "UTC") return 0;
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(zone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const wholeSeconds = Math.floor(at / 1_000) * 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSeconds;
}

/** What the clocks of `zone` show at the moment `at`, written as if it were UTC. */
export function wallAt(zone: string, at: number): number {
  return at + offsetAt(zone, at);
}

/** When the clocks of `zone` show `wall`, which is written as if it were UTC. */
export function placeWall(zone: string, wall: number): WallTime {
  const before = offsetAt(zone, wall - DAY_MS);
  const behind = offsetAt(zone, wall + DAY_MS);
  if (before === behind) return { kind: "once", at: wall - before };
  const shown = [wall - before, wall - behind].filter((at) => wallAt(zone, at) === wall);
  const [first, last] = shown.toSorted((left, right) => left - right);
  if (first === undefined) return { kind: "skipped", after: gapEnd(zone, wall - behind, wall - before) };
  return last === undefined ? { kind: "once", at: first } : { kind: "repeated", first, last };
}

// Between `from`, when the clocks are not put forward yet, and `to`, when they are.
function gapEnd(zone: string, from: number, to: number): number {
  const before = offsetAt(zone, from);
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
