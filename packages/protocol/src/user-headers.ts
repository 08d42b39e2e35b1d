import { RUN_HEADER } from "./run-header.ts";
import { invalidArgument } from "./umbel-error.ts";

/** Headers of the caller's own that travel with a run, visible to its handler. */
export type UserHeaders = Readonly<Record<string, string>>;

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const RESERVED = [/^nats-/i, /^umbel/i, /^trace(?:parent|state)$/i, /^baggage$/i];
const MAX_HEADERS = 32;
const MAX_VALUE = 4_096;

/**
 * @throws UmbelError `invalid_argument` for a name that is not an HTTP field name or belongs to NATS, Umbel or
 * the trace, and for a value that could add a line.
 */
export function checkUserHeaders(headers: unknown, field = "headers"): UserHeaders {
  if (typeof headers !== "object" || headers === null) {
    throw invalidArgument({ field, received: headers, expected: "an object of texts" });
  }
  const entries: [string, unknown][] = Object.entries(headers);
  if (entries.length > MAX_HEADERS) {
    throw invalidArgument({
      field,
      received: `${entries.length} headers`,
      expected: `at most ${MAX_HEADERS} headers`,
    });
  }
  return Object.fromEntries(
    entries.map(([name, value]) => [checkName(name, field), checkValue(value, `${field}.${name}`)]),
  );
}

function checkName(name: string, field: string): string {
  if (!HEADER_NAME.test(name)) {
    throw invalidArgument({
      field,
      received: name,
      expected: "header names of 1 to 100 letters, digits or dashes",
    });
  }
  if (RESERVED.some((reserved) => reserved.test(name))) {
    throw invalidArgument({
      field,
      received: name,
      expected: `header names that do not start with "Nats-" or "${RUN_HEADER}" and are not trace headers`,
    });
  }
  return name;
}

function checkValue(value: unknown, field: string): string {
  // Control characters would end the header line; NATS trims white space at both ends.
  if (
    typeof value === "string" &&
    value.length <= MAX_VALUE &&
    value.trim() === value &&
    !hasControls(value)
  ) {
    return value;
  }
  throw invalidArgument({
    field,
    received: value,
    expected: `text of at most ${MAX_VALUE} characters without line breaks or outer white space`,
  });
}

function hasControls(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

/** Which headers of a received message are the caller's own. */
export function isUserHeader(name: string): boolean {
  return !RESERVED.some((reserved) => reserved.test(name));
}
