import { readAttemptErrors, type AttemptError } from "./attempt-error.ts";
import { FORBIDDEN_KEY } from "./codec-rules.ts";
import { decode, encode } from "./codec.ts";
import { isDeadLetterReason, type DeadLetterReason } from "./dead-letter-reason.ts";
import { fieldReader, isFields } from "./record-fields.ts";
import { textOf } from "./text-of.ts";
import { describe } from "./umbel-error.ts";

/** A run that will not be tried again, with all that a redrive needs. */
export interface DeadLetter {
  readonly reason: DeadLetterReason;
  /** When it was given up, in milliseconds since the epoch. */
  readonly at: number;
  readonly attempts: number;
  readonly starts: number;
  readonly errors: readonly AttemptError[];
  /** The original message, as it was received. */
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** `letter` as it is stored: one MessagePack map. */
export function encodeDeadLetter(letter: DeadLetter): Uint8Array {
  // A header of this name is no harm to its run, but no map may hold it; and a dead letter must be stored.
  const headers = Object.entries(letter.headers).filter(([name]) => name !== FORBIDDEN_KEY);
  return encode({ ...letter, headers: Object.fromEntries(headers) }, "dead letter");
}

/** @throws UmbelError `undecodable` when `bytes` are not a dead letter. */
export function decodeDeadLetter(bytes: Uint8Array): DeadLetter {
  const reader = fieldReader(decode(bytes, "dead letter"), "dead letter");
  const reason = reader.text("reason");
  if (!isDeadLetterReason(reason)) throw reader.fail(`reason ${describe(reason)} is not known`);
  return {
    reason,
    at: reader.number("at"),
    attempts: reader.number("attempts"),
    starts: reader.number("starts"),
    errors: readAttemptErrors(reader.array("errors")),
    subject: reader.text("subject"),
    headers: readHeaders(reader.fields["headers"]),
    body: reader.bytes("body"),
  };
}

function readHeaders(value: unknown): Record<string, string> {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, textOf(text)]));
}
