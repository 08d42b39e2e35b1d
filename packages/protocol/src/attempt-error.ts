import { fieldReader } from "./record-fields.ts";
import { readSerializedError, type SerializedError } from "./serialized-error.ts";

/** One attempt that failed. */
export interface AttemptError {
  readonly attempt: number;
  readonly at: number;
  readonly error: SerializedError;
}

/** How many errors a run record or a dead letter keeps. */
export const MAX_ERRORS = 10;

/** `errors` with one more, and no more than {@link MAX_ERRORS}: the first one is kept, it often names the cause. */
export function withError(errors: readonly AttemptError[], error: AttemptError): readonly AttemptError[] {
  const all = [...errors, error];
  return all.length <= MAX_ERRORS ? all : [...all.slice(0, 1), ...all.slice(all.length - MAX_ERRORS + 1)];
}

/** @throws UmbelError `undecodable` unless `values` are failed attempts. Reads no more than {@link MAX_ERRORS}. */
export function readAttemptErrors(values: readonly unknown[]): readonly AttemptError[] {
  return values.slice(0, MAX_ERRORS).map((value) => {
    const reader = fieldReader(value, "failed attempt");
    return {
      attempt: reader.number("attempt"),
      at: reader.number("at"),
      error: readSerializedError(reader.fields["error"]),
    };
  });
}
