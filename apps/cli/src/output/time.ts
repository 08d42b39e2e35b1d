const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A length of time for people: `"8 ms"`, `"1.5 s"`, `"4 min 5 s"`, `"2 h 30 min"`, `"3 d 4 h"`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${trim(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return pair(ms, [MINUTE_MS, "min"], [SECOND_MS, "s"]);
  if (ms < DAY_MS) return pair(ms, [HOUR_MS, "h"], [MINUTE_MS, "min"]);
  return pair(ms, [DAY_MS, "d"], [HOUR_MS, "h"]);
}

/** A moment in the machine's own time zone: `"2026-11-23 18:10:03.123"`. */
export function formatMoment(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())].join(":");
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** How long before or after `now` a moment is: `"4 s ago"`, `"in 5 min 0 s"`. */
export function formatDistance(at: number, now: number): string {
  return at > now ? `in ${formatDuration(at - now)}` : `${formatDuration(now - at)} ago`;
}

/** A moment for programs, ISO 8601 in UTC; `undefined` stays. */
export function isoTime(at: number | undefined): string | undefined {
  if (at === undefined) return undefined;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

type Unit = readonly [ms: number, name: string];

function pair(ms: number, [largeMs, large]: Unit, [smallMs, small]: Unit): string {
  const whole = Math.floor(ms / largeMs);
  return `${whole} ${large} ${Math.floor((ms - whole * largeMs) / smallMs)} ${small}`;
}

// 59.96 s must not become "60.0 s".
function trim(seconds: number): string {
  return String(Math.floor(seconds * 10) / 10);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
