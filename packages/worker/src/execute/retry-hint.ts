/** The longest that an error can ask to be left alone: a day. */
export const LONGEST_HINT_MS = 86_400_000;

const MOST_CAUSES = 5;

/**
 * How many milliseconds `thrown` asks to wait before the next attempt: by a `retryAfterMs`, a `retryAfter` (seconds,
 * the text of an HTTP `Retry-After`, or a Date), or the `retry-after` header of its `response` or of itself; else by
 * its causes. `undefined` when nothing that can be read asks. Never throws.
 */
export function readRetryHint(thrown: unknown, now: number): number | undefined {
  try {
    let link = thrown;
    for (let depth = 0; depth < MOST_CAUSES && isObject(link); depth++) {
      const hint = hintOf(link, now);
      if (hint !== undefined) return Math.min(Math.ceil(hint), LONGEST_HINT_MS);
      link = Reflect.get(link, "cause");
    }
  } catch {
    // A getter that throws says nothing.
  }
  return undefined;
}

function hintOf(error: object, now: number): number | undefined {
  return (
    atLeastNothing(numberOf(Reflect.get(error, "retryAfterMs"))) ??
    untilMs(Reflect.get(error, "retryAfter"), now) ??
    untilMs(retryAfterHeader(Reflect.get(error, "response")), now) ??
    untilMs(retryAfterHeader(error), now)
  );
}

// Headers of fetch have a method, those of Node and axios are properties, in whatever case.
function retryAfterHeader(message: unknown): unknown {
  const headers = isObject(message) ? Reflect.get(message, "headers") : undefined;
  if (!isObject(headers)) return undefined;
  const get: unknown = Reflect.get(headers, "get");
  if (typeof get === "function") return Reflect.apply(get, headers, ["retry-after"]);
  const name = Object.keys(headers).find((key) => key.toLowerCase() === "retry-after");
  const value: unknown = name === undefined ? undefined : Reflect.get(headers, name);
  return Array.isArray(value) ? value[0] : value;
}

function untilMs(value: unknown, now: number): number | undefined {
  if (value instanceof Date) return atLeastNothing(Math.max(0, value.getTime() - now));
  const seconds = numberOf(value);
  if (seconds !== undefined) return atLeastNothing(seconds * 1_000);
  if (typeof value !== "string" || !LOOKS_LIKE_DATE.test(value)) return undefined;
  return atLeastNothing(Math.max(0, Date.parse(value) - now));
}

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". ISO 8601 is taken too, with its zone.
const LOOKS_LIKE_DATE = /^(?:[A-Za-z]{3,9},? .*|\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d))$/;

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

function atLeastNothing(ms: number | undefined): number | undefined {
  return ms !== undefined && ms >= 0 ? ms : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
