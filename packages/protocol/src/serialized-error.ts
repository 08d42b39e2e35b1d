import { isErrorCode, type ErrorCode } from "./error-code.ts";
import { isFields } from "./record-fields.ts";
import { textOf } from "./text-of.ts";
import { describe } from "./umbel-error.ts";

/** An error as plain data: how errors travel. No class is ever revived from it. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  /** An Umbel code, or the error's own `code` when it has a textual one, as Node's errors do. */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: SerializedError;
}

const MAX_NAME = 200;
const MAX_MESSAGE = 1_000;
const MAX_STACK = 2_000;
const MAX_CAUSES = 3;

/** `reason`, whatever was thrown, as bounded plain data. Never throws. */
export function serializeError(reason: unknown, depth = 0): SerializedError {
  try {
    return isErrorLike(reason) ? fromFields(reason, depth) : fromText(reason);
  } catch {
    return { name: "Error", message: "an error that cannot be read" };
  }
}

/** `value` read as a {@link SerializedError}, as bounded; anything else becomes one that says so. */
export function readSerializedError(value: unknown): SerializedError {
  return isFields(value) ? fromFields(value, 0) : fromText(value);
}

type ErrorLike = { readonly [Field in keyof SerializedError]?: unknown };

// Not `instanceof Error` alone: errors of another realm, and the plain objects that some libraries throw.
function isErrorLike(reason: unknown): reason is ErrorLike {
  return typeof reason === "object" && reason !== null && (reason instanceof Error || "message" in reason);
}

function fromFields({ name, message, code, stack, cause }: ErrorLike, depth: number): SerializedError {
  return {
    name: typeof name === "string" ? cut(name, MAX_NAME) : "Error",
    message: message === undefined ? "" : cut(shown(message), MAX_MESSAGE),
    ...(typeof code === "string" ? { code: cut(code, MAX_NAME) } : {}),
    ...(typeof stack === "string" ? { stack: cut(stack, MAX_STACK) } : {}),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: serializeError(cause, depth + 1) }),
  };
}

function fromText(reason: unknown): SerializedError {
  return { name: "Error", message: cut(shown(reason), MAX_MESSAGE) };
}

function shown(value: unknown): string {
  return typeof value === "object" ? describe(value) : textOf(value);
}

/** The Umbel code of a serialized error, if it has one. */
export function errorCodeOf(error: SerializedError): ErrorCode | undefined {
  return isErrorCode(error.code) ? error.code : undefined;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
