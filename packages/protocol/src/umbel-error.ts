import { ERROR_CODES, type ErrorCode } from "./error-code.ts";
import { messageOf } from "./text-of.ts";

/** What an {@link UmbelError} may carry besides its code and message. */
export interface UmbelErrorOptions {
  readonly cause?: unknown;
  /** Facts for programs: the field, the value received, ids, limits. Plain data. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of Umbel. Its `message` says what was wrong, what was received and what to do;
 * `code` is for programs, `details` holds the same facts as data, `cause` is always kept.
 */
export class UmbelError extends Error {
  override readonly name: string = "UmbelError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: UmbelErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Whether the same call may succeed later without anything being changed. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }

  /** Whether `value` is an {@link UmbelError}, optionally with this code. */
  static is(value: unknown, code?: ErrorCode): value is UmbelError {
    return value instanceof UmbelError && (code === undefined || value.code === code);
  }

  /** `reason` itself when it is an {@link UmbelError}, otherwise an error of `code` with it as the cause. */
  static from(reason: unknown, code: ErrorCode = "internal"): UmbelError {
    if (reason instanceof UmbelError) return reason;
    return new UmbelError(code, messageOf(reason), { cause: reason });
  }
}

/** What {@link invalidArgument} needs to say what was wrong. */
export interface InvalidArgument {
  /** The option or parameter, as the caller spells it: `"retry.maxAttempts"`. */
  readonly field: string;
  readonly received: unknown;
  /** What would have been accepted: `"a whole number from 1 to 1000"`. */
  readonly expected: string;
  /** What to do, when it is not obvious from `expected`. */
  readonly fix?: string;
}

/** An `invalid_argument` error that names the field, the value received and what is accepted. */
export function invalidArgument({ field, received, expected, fix }: InvalidArgument): UmbelError {
  const advice = fix === undefined ? "" : ` ${fix}`;
  const message = `${field}: expected ${expected}, received ${describe(received)}.${advice}`;
  return new UmbelError("invalid_argument", message, {
    details: { field, received: describe(received), expected, ...(fix === undefined ? {} : { fix }) },
  });
}

const SHOWN_CHARACTERS = 120;

/** `value` as short text for an error message: never throws, never more than a line. */
export function describe(value: unknown): string {
  const text = describeSafely(value).replaceAll(/[\r\n\u2028\u2029]+/g, " ");
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

// A getter, a proxy or a `toJSON` of the value may throw, and the error that it appears in matters more.
function describeSafely(value: unknown): string {
  try {
    return describeWhole(value);
  } catch {
    return `${typeof value} that cannot be shown`;
  }
}

function describeWhole(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  try {
    return JSON.stringify(value) ?? Object.prototype.toString.call(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
