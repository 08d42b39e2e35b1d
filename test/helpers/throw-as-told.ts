import type { TaskContext } from "@umbel/worker";
import type { Thrown, ThrowingInput } from "./failing-tasks.ts";
import { noted } from "./handler-tools.ts";

/** The handler of every task that takes a {@link ThrowingInput}. */
export function throwAsTold(input: ThrowingInput, context: TaskContext): Promise<number> {
  return noted(input, context, () => {
    if (context.attempt <= (input.times ?? Number.POSITIVE_INFINITY)) throw errorOf(input.throws);
    return context.attempt;
  });
}

function errorOf({ message = "no", name, code, retryAfterMs, header, causeCode }: Thrown): Error {
  const cause = causeCode === undefined ? undefined : Object.assign(new Error("why"), { code: causeCode });
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), {
    ...(name === undefined ? {} : { name }),
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(header === undefined ? {} : { response: { headers: new Headers({ "Retry-After": header }) } }),
  });
}
