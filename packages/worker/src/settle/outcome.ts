import {
  withError,
  type AttemptError,
  type DeadLetterReason,
  type OutcomeRecord,
  type SerializedError,
} from "@umbel/protocol";
import { failureTaskOf, type PolicyRun } from "../execute/run-policy.ts";
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
  run: Pick<Run, "queue"> & { readonly meta: Pick<Run["meta"], "task" | "tags"> },
  ownership: Ownership,
  { workerId, now }: RecordFacts,
): Pick<OutcomeRecord, "task" | "queue" | "worker" | "attempt" | "starts" | "at" | "errors" | "tags"> {
  const { attempt, starts, errors } = ownership;
  const { task, tags } = run.meta;
  const base = { task, queue: run.queue, worker: workerId, attempt, starts, at: now, errors };
  return tags === undefined ? base : { ...base, tags };
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

/**
 * The outcome of `run`, to be written over the record that `ownership` expects. Pure.
 *
 * Built field by field: once for every run, spreading half a dozen objects together is what shows in a profile.
 */
export function outcomeOf(
  run: Pick<Run, "queue"> & PolicyRun,
  ownership: Ownership,
  facts: RecordFacts & { readonly ending: Ending },
): OutcomeRecord {
  const { ending, now } = facts;
  const { error } = ending;
  const outcome: Writable<OutcomeRecord> = {
    state: ending.state,
    task: run.meta.task,
    queue: run.queue,
    worker: facts.workerId,
    attempt: ownership.attempt,
    starts: ownership.starts,
    at: now,
    errors: error === undefined ? ownership.errors : errorsOf(ownership, error, now),
    fence: ownership.expected,
    enqueuedAt: run.meta.enqueuedAt,
  };
  if (ending.startedAt !== undefined) outcome.startedAt = ending.startedAt;
  // A handler that returned nothing has no result, rather than null.
  if (ending.result !== undefined && ending.result.byteLength > 0) outcome.result = ending.result;
  if (ending.deadLetter !== undefined) outcome.deadLetter = ending.deadLetter;
  if (ending.reason !== undefined) outcome.reason = ending.reason;
  const onFailure = hearerOf(run, ending);
  if (onFailure !== undefined) outcome.onFailure = onFailure;
  if (run.meta.tags !== undefined) outcome.tags = run.meta.tags;
  return outcome;
}

function hearerOf(run: Parameters<typeof failureTaskOf>[0], { state }: Ending): OutcomeRecord["onFailure"] {
  return state === "failed" || state === "expired" ? failureTaskOf(run) : undefined;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
