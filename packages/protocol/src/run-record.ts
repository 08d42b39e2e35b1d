import { encodeSuccess, isPlainSuccess } from "./success-record.ts";
import { readAttemptErrors, type AttemptError } from "./attempt-error.ts";
import { decode, encode } from "./codec.ts";
import { isDeadLetterReason, type DeadLetterReason } from "./dead-letter-reason.ts";
import { readFailureTask } from "./failure-task.ts";
import { fieldReader, isFiniteNumber, type FieldReader } from "./record-fields.ts";
import type { FailureTask } from "./run-header.ts";
import { isOutcomeState, type OutcomeState } from "./run-state.ts";
import { readTags } from "./tags.ts";
import { describe } from "./umbel-error.ts";

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
  /** The last errors, oldest first, at most `MAX_ERRORS`. */
  readonly errors: readonly AttemptError[];
  /** What users find the run by; absent without any. */
  readonly tags?: readonly string[];
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
  /** Why it failed, was cancelled or expired, as far as that is not the error's matter. */
  readonly reason?: string;
  /** The task that hears of it. Only of `failed` and `expired`. */
  readonly onFailure?: FailureTask;
  /** Who asked for its cancel, as they called themselves. */
  readonly by?: string;
}

/** The record of a run: one per run, in the results bucket. */
export type RunRecord = ClaimRecord | RetryingRecord | WaitingRecord | OutcomeRecord;

/** Whether `record` says how the run ended. */
export function isOutcome(record: RunRecord): record is OutcomeRecord {
  return isOutcomeState(record.state);
}

/** `record` as it is stored: one MessagePack map. */
export function encodeRunRecord(record: RunRecord): Uint8Array {
  return isPlainSuccess(record) ? encodeSuccess(record) : encode(record, "run record");
}

/**
 * The record that `bytes` hold. Built field by field: whoever awaits results reads one for every run.
 *
 * @throws UmbelError `undecodable` when `bytes` are not a run record.
 */
export function decodeRunRecord(bytes: Uint8Array): RunRecord {
  const reader = fieldReader(decode(bytes, "run record"), "run record");
  const state = reader.fields["state"];
  if (isOutcomeState(state)) return readOutcome(state, reader);
  const base = readBase(reader);
  if (state === "running") return { ...base, state, lostStarts: reader.number("lostStarts") };
  if (state === "retrying") return { ...base, state, dueAt: reader.number("dueAt") };
  if (state === "queued") return { ...base, state, since: reader.number("since") };
  throw reader.fail(`state ${describe(state)} is not known`);
}

function readBase(reader: FieldReader): RecordBase {
  const base: Writable<RecordBase> = {
    task: reader.text("task"),
    queue: reader.text("queue"),
    worker: reader.text("worker"),
    attempt: reader.number("attempt"),
    starts: reader.number("starts"),
    at: reader.number("at"),
    errors: readAttemptErrors(reader.array("errors")),
  };
  const tags = readTags(reader.fields["tags"]);
  if (tags !== undefined) base.tags = tags;
  return base;
}

function readOutcome(state: OutcomeState, reader: FieldReader): OutcomeRecord {
  const { startedAt, result, deadLetter, reason, by, onFailure } = reader.fields;
  const outcome: Writable<OutcomeRecord> = Object.assign(readBase(reader), {
    state,
    fence: reader.number("fence"),
    enqueuedAt: reader.number("enqueuedAt"),
  });
  if (isFiniteNumber(startedAt)) outcome.startedAt = startedAt;
  if (result instanceof Uint8Array) outcome.result = result;
  if (isDeadLetterReason(deadLetter)) outcome.deadLetter = deadLetter;
  if (typeof reason === "string") outcome.reason = reason;
  const hearer = readFailureTask(onFailure);
  if (hearer !== undefined) outcome.onFailure = hearer;
  if (typeof by === "string") outcome.by = by;
  return outcome;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
