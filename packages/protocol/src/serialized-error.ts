import { isErrorCode, type ErrorCode } from "./error-code.ts";

/** An error as plain data: how errors travel. No class is ever revived from it. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  /** An Umbel code, or the error's own `code` when it has a textual one, as Node's errors do. */
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: SerializedError;
}

const MAX_MESSAGE = 2_000;
const MAX_STACK = 4_000;
const MAX_CAUSES = 4;

/** `reason`, whatever was thrown, as bounded plain data. Never throws. */
export function serializeError(reason: unknown, depth = 0): SerializedError {
  if (!(reason instanceof Error)) return { name: "Error", message: cut(safeString(reason), MAX_MESSAGE) };
  const code = "code" in reason && typeof reason.code === "string" ? reason.code : undefined;
  const cause =
    reason.cause === undefined || depth >= MAX_CAUSES ? undefined : serializeError(reason.cause, depth + 1);
  return {
    name: cut(reason.name, 200),
    message: cut(reason.message, MAX_MESSAGE),
    ...(code === undefined ? {} : { code: cut(code, 200) }),
    ...(reason.stack === undefined ? {} : { stack: cut(reason.stack, MAX_STACK) }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** `value` read as a {@link SerializedError}; anything else becomes one that says so. */
export function readSerializedError(value: unknown, depth = 0): SerializedError {
  if (typeof value !== "object" || value === null) return { name: "Error", message: safeString(value) };
  const { name, message, code, stack, cause }: Partial<Record<string, unknown>> = { ...value };
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "",
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof stack === "string" ? { stack } : {}),
    ...(cause === undefined || depth >= MAX_CAUSES ? {} : { cause: readSerializedError(cause, depth + 1) }),
  };
}

/** The Umbel code of a serialized error, if it has one. */
export function errorCodeOf(error: SerializedError): ErrorCode | undefined {
  return isErrorCode(error.code) ? error.code : undefined;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
