import { UmbelError, type ErrorCode } from "@umbel/protocol";

/** A call that must be refused, and what its error must say. */
export interface BadCall {
  readonly what: string;
  readonly call: () => unknown;
  /** @default "invalid_argument" */
  readonly code?: ErrorCode;
  /** What `details.field` must be. */
  readonly field?: string;
  /** What the message must contain: the value received, and what to do. */
  readonly says: readonly string[];
}

/** What matters of a refusal. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly field: unknown;
  /** The parts of {@link BadCall.says} that the message does not contain, with that message. */
  readonly unsaid: readonly string[];
}

/** How a call is refused. @throws when it is not, or with what is no {@link UmbelError} */
export async function refusalOf({ call, says }: BadCall): Promise<Refusal> {
  const { code, message, details } = await errorOf(call);
  const missing = says.filter((text) => !message.includes(text));
  return { code, field: details["field"], unsaid: missing.length === 0 ? [] : [...missing, message] };
}

/** How a call must be refused. */
export function wantedRefusal({ code = "invalid_argument", field }: BadCall): Refusal {
  return { code, field, unsaid: [] };
}

/** Call `method` of `target` with arguments that its types do not allow. */
export function callWith(target: object, method: string, ...args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(target, method);
  if (typeof found !== "function") throw new TypeError(`there is no method ${method}`);
  return Reflect.apply(found, target, args);
}

async function errorOf(call: () => unknown): Promise<UmbelError> {
  try {
    await call();
  } catch (error) {
    if (UmbelError.is(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
