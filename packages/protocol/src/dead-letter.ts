import { decode, encode } from "./codec.ts";
import { DEAD_LETTER_REASONS, type DeadLetterReason } from "./dead-letter-reason.ts";
import { readSerializedError } from "./serialized-error.ts";
import { UmbelError } from "./umbel-error.ts";
import type { AttemptError } from "./run-record.ts";

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
  return encode(letter, "dead letter");
}

/** @throws UmbelError `undecodable` when `bytes` are not a dead letter. */
export function decodeDeadLetter(bytes: Uint8Array): DeadLetter {
  const value = decode(bytes, "dead letter");
  const fields: Partial<Record<string, unknown>> =
    typeof value === "object" && value !== null ? { ...value } : {};
  const reason = DEAD_LETTER_REASONS.find((known) => known === fields["reason"]);
  const { at, attempts, starts, subject, headers, body, errors } = fields;
  if (reason === undefined || typeof subject !== "string" || !(body instanceof Uint8Array)) {
    throw new UmbelError(
      "undecodable",
      "the dead letter is not readable: reason, subject or body is missing",
    );
  }
  return {
    reason,
    at: Number(at),
    attempts: Number(attempts),
    starts: Number(starts),
    errors: Array.isArray(errors) ? errors.map(readAttemptError) : [],
    subject,
    headers: readHeaders(headers),
    body,
  };
}

function readAttemptError(value: unknown): AttemptError {
  const fields: Partial<Record<string, unknown>> =
    typeof value === "object" && value !== null ? { ...value } : {};
  return {
    attempt: Number(fields["attempt"]),
    at: Number(fields["at"]),
    error: readSerializedError(fields["error"]),
  };
}

function readHeaders(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
