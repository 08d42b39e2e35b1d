import { decode, encode } from "./codec.ts";
import { DEAD_LETTER_REASONS, type DeadLetterReason } from "./dead-letter-reason.ts";
import { isOutcomeState, type OutcomeState } from "./run-state.ts";
import { readSerializedError, type SerializedError } from "./serialized-error.ts";
import { UmbelError } from "./umbel-error.ts";

/** What every record of a run says. Times in milliseconds since the epoch. */
interface RecordBase {
  readonly task: string;
  readonly queue: string;
  /** The worker that wrote it. Empty in a record that a client wrote. */
  readonly worker: string;
  /** The attempt that it speaks of, from 1; 0 when none has begun. */
  readonly attempt: number;
  /** How many times a handler is known to have been begun. The first start of a run leaves no mark before its end. */
  readonly starts: number;
  /** When it was written. */
  readonly at: number;
  /** The last errors, oldest first, at most {@link MAX_ERRORS}. */
  readonly errors: readonly AttemptError[];
}

/** One attempt that failed. */
export interface AttemptError {
  readonly attempt: number;
  readonly at: number;
  readonly error: SerializedError;
}

/** A worker executes the run, and whoever does not hold this claim has lost it. */
export interface ClaimRecord extends RecordBase {
  readonly state: "running";
  /** Starts in a row that ended without a word: the measure of a crash loop. */
  readonly lostStarts: number;
}

/** An attempt failed; the next one is due. */
export interface RetryingRecord extends RecordBase {
  readonly state: "retrying";
  readonly dueAt: number;
}

/** No worker that saw the run knows its task yet. */
export interface WaitingRecord extends RecordBase {
  readonly state: "queued";
  /** When the first worker handed it back. */
  readonly since: number;
}

/** How the run ended. Written once, by compare-and-set. */
export interface OutcomeRecord extends RecordBase {
  readonly state: OutcomeState;
  /** The sequence of the claim that it was won with; 0 for a first start, or for no start at all. */
  readonly fence: number;
  readonly enqueuedAt: number;
  /** When the last start began; absent when none did. */
  readonly startedAt?: number;
  /** What the handler returned, as MessagePack. Only of `succeeded`. */
  readonly result?: Uint8Array;
  /** Why a run that failed will not be tried again; it must then be in the dead letters. */
  readonly deadLetter?: DeadLetterReason;
  /** Why it was cancelled or expired, or who asked. */
  readonly reason?: string;
}

/** The record of a run: one per run, in the results bucket. */
export type RunRecord = ClaimRecord | RetryingRecord | WaitingRecord | OutcomeRecord;

/** How many errors a record keeps. */
export const MAX_ERRORS = 10;

/** Whether `record` says how the run ended. */
export function isOutcome(record: RunRecord): record is OutcomeRecord {
  return isOutcomeState(record.state);
}

/** `errors` with one more, and no more than {@link MAX_ERRORS}: the first one is kept, it often names the cause. */
export function withError(errors: readonly AttemptError[], error: AttemptError): readonly AttemptError[] {
  const all = [...errors, error];
  return all.length <= MAX_ERRORS ? all : [...all.slice(0, 1), ...all.slice(all.length - MAX_ERRORS + 1)];
}

/** `record` as it is stored: one MessagePack map. */
export function encodeRunRecord(record: RunRecord): Uint8Array {
  return encode(record, "run record");
}

/** @throws UmbelError `undecodable` when `bytes` are not a run record. */
export function decodeRunRecord(bytes: Uint8Array): RunRecord {
  const value = decode(bytes, "run record");
  if (typeof value !== "object" || value === null) throw notARecord("it is not a map");
  const fields: Fields = { ...value };
  const base: RecordBase = {
    task: text(fields, "task"),
    queue: text(fields, "queue"),
    worker: text(fields, "worker"),
    attempt: number(fields, "attempt"),
    starts: number(fields, "starts"),
    at: number(fields, "at"),
    errors: readErrors(fields["errors"]),
  };
  return readState(base, fields);
}

type Fields = Readonly<Partial<Record<string, unknown>>>;

function readState(base: RecordBase, fields: Fields): RunRecord {
  const state = fields["state"];
  if (isOutcomeState(state)) return readOutcome(base, state, fields);
  if (state === "running") return { ...base, state, lostStarts: number(fields, "lostStarts") };
  if (state === "retrying") return { ...base, state, dueAt: number(fields, "dueAt") };
  if (state === "queued") return { ...base, state, since: number(fields, "since") };
  throw notARecord(`state ${JSON.stringify(state)} is not known`);
}

function readOutcome(base: RecordBase, state: OutcomeState, fields: Fields): OutcomeRecord {
  const { startedAt, result, deadLetter, reason } = fields;
  return {
    ...base,
    state,
    fence: number(fields, "fence"),
    enqueuedAt: number(fields, "enqueuedAt"),
    ...(typeof startedAt === "number" ? { startedAt } : {}),
    ...(result instanceof Uint8Array ? { result } : {}),
    ...(isDeadLetterReason(deadLetter) ? { deadLetter } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
  };
}

function isDeadLetterReason(value: unknown): value is DeadLetterReason {
  return DEAD_LETTER_REASONS.some((reason) => reason === value);
}

function readErrors(value: unknown): readonly AttemptError[] {
  if (!Array.isArray(value)) throw notARecord("errors is not an array");
  return value.slice(0, MAX_ERRORS).map((entry: unknown) => {
    const fields: Fields = typeof entry === "object" && entry !== null ? { ...entry } : {};
    return {
      attempt: number(fields, "attempt"),
      at: number(fields, "at"),
      error: readSerializedError(fields["error"]),
    };
  });
}

function text(fields: Fields, field: string): string {
  const value = fields[field];
  if (typeof value === "string") return value;
  throw notARecord(`${field} is not a text`);
}

function number(fields: Fields, field: string): number {
  const value = fields[field];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw notARecord(`${field} is not a number`);
}

function notARecord(reason: string): UmbelError {
  return new UmbelError("undecodable", `the run record is not readable: ${reason}`, { details: { reason } });
}
