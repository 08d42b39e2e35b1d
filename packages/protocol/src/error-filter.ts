import type { SerializedError } from "./serialized-error.ts";
import { invalidArgument } from "./umbel-error.ts";

/**
 * Some errors of handlers: those that have one of these names or codes themselves or among their causes, or those
 * of which a function says `true`. Errors are data here: the handler may have been on a thread.
 */
export type ErrorFilter = readonly string[] | ((error: SerializedError) => boolean);

/** Whether `error`, or one of its causes, has one of `names` as its name or its code. Pure. */
export function isNamed(error: SerializedError, names: readonly string[]): boolean {
  for (let link: SerializedError | undefined = error; link !== undefined; link = link.cause) {
    if (names.includes(link.name) || (link.code !== undefined && names.includes(link.code))) return true;
  }
  return false;
}

const MOST_NAMES = 100;

/** @throws UmbelError `invalid_argument` unless `value` is a list of names or a function. */
export function checkErrorFilter(value: ErrorFilter, field: string): ErrorFilter {
  if (typeof value === "function") return value;
  if (Array.isArray(value) && value.length <= MOST_NAMES && value.every(isName))
    return Object.freeze([...value]);
  throw invalidArgument({
    field,
    received: value,
    expected:
      'a list of names or codes of errors, such as ["TypeError", "ECONNRESET"], or a function of the error',
    ...(hasClass(value) ? { fix: 'Give the name of a class as text: "TypeError".' } : {}),
  });
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function hasClass(value: unknown): boolean {
  return Array.isArray(value) && value.some((item) => typeof item === "function");
}
