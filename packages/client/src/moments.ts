import { invalidArgument, parsePositiveDuration } from "@umbel/protocol";

/** An end to a run's time: a moment, or so long after it is due. Times in milliseconds. */
export type Limit = { readonly at: number } | { readonly afterMs: number };

const WITH_ZONE = /T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$/i;
const LIKE_A_DATE = /^[+-]?\d{4,}-\d{2}/;

// Later ones have no RFC 3339 form, which the broker's schedules are written in.
const LATEST_MOMENT = Date.parse("9999-12-31T23:59:59.999Z");

/** A moment in milliseconds since the epoch. @throws UmbelError `invalid_argument`, for text without a zone too */
export function checkMoment(value: unknown, field: string): number {
  const ms = momentMs(value);
  if (ms >= 0 && ms <= LATEST_MOMENT) return ms;
  throw invalidArgument({
    field,
    received: value,
    expected:
      'a Date from 1970 to 9999, or ISO 8601 text with a zone such as "2027-01-01T09:00:00+01:00" or "…Z"',
  });
}

/** What `expires` and `deadline` take: a duration from when the run is due, or a moment. @throws UmbelError */
export function checkLimit(value: unknown, field: string): Limit {
  const isMoment = value instanceof Date || (typeof value === "string" && LIKE_A_DATE.test(value));
  return isMoment ? { at: checkMoment(value, field) } : { afterMs: parsePositiveDuration(value, field) };
}

/** The moment of `limit` for a run that is due at `dueAt`. */
export function limitAt(limit: Limit, dueAt: number): number {
  return "at" in limit ? limit.at : dueAt + limit.afterMs;
}

/**
 * The milliseconds since the epoch of a Date or a text; `NaN` for anything else, and for a text without a zone, which
 * would mean another moment on every machine.
 */
export function momentMs(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  return typeof value === "string" && WITH_ZONE.test(value) ? Date.parse(value) : Number.NaN;
}
