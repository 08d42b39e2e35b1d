import { FORBIDDEN_KEY } from "./codec-rules.ts";
import { RUN_HEADER } from "./run-header.ts";
import { invalidArgument } from "./umbel-error.ts";

/** Headers of the caller's own that travel with a run, visible to its handler. */
export type UserHeaders = Readonly<Record<string, string>>;

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const RESERVED = [/^nats-/i, /^umbel/i, /^trace(?:parent|state)$/i, /^baggage$/i];
const MAX_HEADERS = 32;
const MAX_VALUE = 4_096;
// The server refuses 64 KiB in all; the other half is for Umbel's own and the trace's.
const MAX_BYTES = 32_768;

/**
 * A copy of `headers`, after checking them: at most 32, of 4096 characters each and 32 KiB in all.
 *
 * @throws UmbelError `invalid_argument` for a name that is not an HTTP field name or belongs to NATS, Umbel or
 * the trace, and for a value that could add a line.
 */
export function checkUserHeaders(headers: unknown, field = "headers"): UserHeaders {
  const entries = entriesOf(headers, field);
  if (entries.length > MAX_HEADERS) {
    throw invalidArgument({
      field,
      received: `${entries.length} headers`,
      expected: `at most ${MAX_HEADERS} headers`,
    });
  }
  const checked = entries.map(([name, value]) => line(checkName(name, field), value, field));
  const bytes = checked.reduce((sum, [name, value]) => sum + byteLength(name, value), 0);
  if (bytes > MAX_BYTES) {
    throw invalidArgument({
      field,
      received: `${bytes} bytes`,
      expected: `at most ${MAX_BYTES} bytes in all`,
    });
  }
  return Object.fromEntries(checked);
}

// A Map or a Headers object has no fields of its own: all that it holds would silently stay behind.
function entriesOf(headers: unknown, field: string): [string, unknown][] {
  if (typeof headers === "object" && headers !== null && !(Symbol.iterator in headers)) {
    return Object.entries(headers);
  }
  throw invalidArgument({
    field,
    received: headers,
    expected: "an object of texts",
    fix: "Object.fromEntries makes one of a Map or a Headers object.",
  });
}

function line(name: string, value: unknown, field: string): [string, string] {
  return [name, checkValue(value, `${field}.${name}`)];
}

// A line of a header also holds a colon, a space and a line break.
function byteLength(name: string, value: string): number {
  return name.length + new TextEncoder().encode(value).byteLength + 4;
}

function checkName(name: string, field: string): string {
  if (!HEADER_NAME.test(name) || name === FORBIDDEN_KEY) {
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
    if (code < 32 || (code >= 127 && code < 160)) return true;
  }
  return false;
}

/** Which headers of a received message are the caller's own. */
export function isUserHeader(name: string): boolean {
  return !RESERVED.some((reserved) => reserved.test(name));
}
