import {
  withError,
  type AttemptError,
  type DeadLetterReason,
  type OutcomeRecord,
  type SerializedError,
} from "@umbel/protocol";
import type { Ownership, Run } from "../execute/run.ts";

/** What every record that a worker writes says. */
export interface RecordFacts {
  readonly workerId: string;
  readonly now: number;
}

/** Errors of a run, the one that ended its last attempt included. */
export function errorsOf(ownership: Ownership, error: SerializedError, at: number): readonly AttemptError[] {
  return withError(ownership.errors, { attempt: ownership.attempt, at, error });
}

/** The part of a record that only depends on the run and on whose it is. */
export function recordBase(
  run: Pick<Run, "queue"> & { readonly meta: { readonly task: string } },
  ownership: Ownership,
  { workerId, now }: RecordFacts,
): Pick<OutcomeRecord, "task" | "queue" | "worker" | "attempt" | "starts" | "at" | "errors"> {
  const { attempt, starts, errors } = ownership;
  return { task: run.meta.task, queue: run.queue, worker: workerId, attempt, starts, at: now, errors };
}

/** What differs between the outcomes of a run. */
export interface Ending {
  readonly state: OutcomeRecord["state"];
  readonly startedAt?: number | undefined;
  readonly result?: Uint8Array;
  readonly error?: SerializedError;
  readonly deadLetter?: DeadLetterReason;
  readonly reason?: string;
}

/** The outcome of `run`, to be written over the record that `ownership` expects. Pure. */
export function outcomeOf(
  run: Run,
  ownership: Ownership,
  { ending, ...facts }: RecordFacts & { readonly ending: Ending },
): OutcomeRecord {
  const { state, startedAt, result, error, deadLetter, reason } = ending;
  return {
    ...recordBase(run, ownership, facts),
    ...(error === undefined ? {} : { errors: errorsOf(ownership, error, facts.now) }),
    state,
    fence: ownership.expected,
    enqueuedAt: run.meta.enqueuedAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(result === undefined ? {} : { result }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
    ...(reason === undefined ? {} : { reason }),
  };
}
