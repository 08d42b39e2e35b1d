/** How far a chain of causes is followed: enough for real ones, an end for circular ones. */
const MAX_CAUSES = 5;
const MAX_AGGREGATED = 10;

/** The OpenTelemetry value of `error.type` for something that has neither a code nor a class. */
const OTHER = "_OTHER";

/** An error as data for a log line. */
interface ErrorFields {
  /** The error's class. */
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  /** The facts of an `UmbelError`, when it has any. */
  readonly details?: unknown;
  readonly stack?: string;
  readonly cause?: unknown;
  /** The first errors of an `AggregateError`. */
  readonly errors?: readonly unknown[];
}

/** An `Error` as data, with its causes; anything else as it is. */
export function errorFields(reason: unknown): unknown {
  return fieldsOf(reason, MAX_CAUSES);
}

/** The low-cardinality name of a failure: the error's code, else its class, else `"_OTHER"`. */
export function errorType(reason: unknown): string {
  const code = property(reason, "code");
  if (typeof code === "string" && code !== "") return code;
  return className(reason);
}

/** The class of an error, `"_OTHER"` when `reason` is not one. */
export function className(reason: unknown): string {
  const name = property(reason, "name");
  // A subclass that does not set `name` inherits "Error": its constructor says more.
  if (reason instanceof Error && (name === "Error" || name === "")) return reason.constructor.name;
  return typeof name === "string" && name !== "" ? name : OTHER;
}

/** The message of an error, or `reason` as text. */
export function errorMessage(reason: unknown): string {
  const message = property(reason, "message");
  if (typeof message === "string") return message;
  return typeof reason === "string" ? reason : className(reason);
}

/** The stack of an error followed by those of its causes. */
export function stackWithCauses(reason: unknown): string {
  const stacks: string[] = [];
  let current = reason;
  while (current !== undefined && current !== null && stacks.length <= MAX_CAUSES) {
    stacks.push(stackOf(current));
    current = property(current, "cause");
  }
  return stacks.join("\nCaused by: ");
}

function fieldsOf(reason: unknown, causesLeft: number): unknown {
  if (!(reason instanceof Error)) return reason;
  const code = property(reason, "code");
  const details = property(reason, "details");
  const follow = (inner: unknown): unknown =>
    causesLeft > 0 ? fieldsOf(inner, causesLeft - 1) : errorMessage(inner);
  return {
    type: className(reason),
    message: reason.message,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(isEmpty(details) ? {} : { details }),
    ...(reason.stack === undefined ? {} : { stack: reason.stack }),
    ...(reason.cause === undefined ? {} : { cause: follow(reason.cause) }),
    ...(reason instanceof AggregateError
      ? { errors: reason.errors.slice(0, MAX_AGGREGATED).map((inner) => follow(inner)) }
      : {}),
  } satisfies ErrorFields;
}

function stackOf(reason: unknown): string {
  const stack = property(reason, "stack");
  return typeof stack === "string" && stack !== "" ? stack : `${className(reason)}: ${errorMessage(reason)}`;
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function isEmpty(details: unknown): boolean {
  if (typeof details !== "object" || details === null) return details === undefined || details === null;
  return Object.keys(details).length === 0;
}
