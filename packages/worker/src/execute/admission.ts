import type { StoredRecord } from "@umbel/broker";
import {
  isOutcome,
  type AttemptError,
  type OutcomeRecord,
  type RetryingRecord,
  type RunMeta,
  type RunRecord,
} from "@umbel/protocol";
import { passedLimit } from "./limits.ts";
import { FIRST_START, type Ownership } from "./run.ts";

/** What may be done with a delivery, decided from the record of its run. */
export type Admission =
  /** Nobody can have been there: execute. */
  | { readonly action: "start"; readonly ownership: Ownership }
  /** Execute once this claim is written over the record that `expected` names. */
  | { readonly action: "claim"; readonly claim: Claim }
  /** It is over: complete what follows from its outcome, and remove the message. */
  | { readonly action: "finish"; readonly outcome: OutcomeRecord }
  /** It is over and forgotten: remove the message. */
  | { readonly action: "forget" }
  /** Its next attempt is not due yet. */
  | {
      readonly action: "wait";
      readonly dueAt: number;
      readonly delayMs: number;
      readonly ownership: Ownership;
    }
  /** It has taken its workers down too often. */
  | { readonly action: "give-up"; readonly lostStarts: number; readonly ownership: Ownership }
  /** Its time has passed before it could start. */
  | { readonly action: "expire"; readonly ownership: Ownership }
  /** It has started before, and its deadline has passed before it could start again. */
  | { readonly action: "miss-deadline"; readonly ownership: Ownership };

/** A claim that is to be written. */
export interface Claim {
  readonly expected: number;
  readonly attempt: number;
  readonly starts: number;
  readonly lostStarts: number;
  readonly errors: readonly AttemptError[];
}

/** Limits and time that an admission looks at. */
export interface AdmissionFacts {
  readonly now: number;
  readonly crashLoopLimit: number;
}

/** Whether the record of a run must be read before it may start. `untouched`: no worker had an earlier delivery. */
export function needsRecord(untouched: boolean, meta: RunMeta): boolean {
  return !untouched || meta.attempt > 1 || meta.verify;
}

/** Decide about a run whose record need not be read. Pure. */
export function admitFirst(meta: RunMeta, { now }: AdmissionFacts): Admission {
  return passedLimit(meta, now) === undefined
    ? { action: "start", ownership: FIRST_START }
    : { action: "expire", ownership: { ...FIRST_START, attempt: 0, starts: 0 } };
}

/** Decide about a run by its record. Pure. */
export function admit(meta: RunMeta, stored: StoredRecord | undefined, facts: AdmissionFacts): Admission {
  if (stored?.tombstone === true) return { action: "forget" };
  const record = stored?.record;
  if (record !== undefined && isOutcome(record)) return { action: "finish", outcome: record };
  return admitOpen(readHistory(meta, record), { ...facts, meta, expected: stored?.sequence ?? 0 });
}

interface OpenFacts extends AdmissionFacts {
  readonly meta: RunMeta;
  readonly expected: number;
}

// The run has no outcome yet.
function admitOpen(history: History, { meta, expected, now, crashLoopLimit }: OpenFacts): Admission {
  const { attempts, starts, lostStarts, errors, dueAt } = history;
  const ownership: Ownership = { expected, attempt: attempts, starts, errors };
  const limit = passedLimit(meta, Math.max(now, dueAt));
  if (limit === "deadline" && starts > 0) return { action: "miss-deadline", ownership };
  if (limit !== undefined) return { action: "expire", ownership };
  if (dueAt > now) return { action: "wait", dueAt, delayMs: dueAt - now, ownership };
  if (lostStarts >= crashLoopLimit) {
    return { action: "give-up", lostStarts, ownership: { ...ownership, attempt: attempts + 1 } };
  }
  return {
    action: "claim",
    claim: { expected, attempt: attempts + 1, starts: starts + 1, lostStarts, errors },
  };
}

interface History {
  /** Attempts that are over. */
  readonly attempts: number;
  readonly starts: number;
  readonly lostStarts: number;
  readonly dueAt: number;
  readonly errors: readonly AttemptError[];
}

function readHistory(meta: RunMeta, record: RunRecord | undefined): History {
  if (record === undefined) {
    return { attempts: meta.attempt - 1, starts: meta.attempt - 1, lostStarts: 0, dueAt: 0, errors: [] };
  }
  const { starts, errors } = record;
  switch (record.state) {
    case "running":
      // It was begun, and whoever began it has not said how it ended: that attempt begins again.
      return { attempts: record.attempt - 1, starts, lostStarts: record.lostStarts + 1, dueAt: 0, errors };
    case "retrying":
      return { attempts: record.attempt, starts, lostStarts: 0, dueAt: retryDue(meta, record), errors };
    default:
      return { attempts: record.attempt, starts, lostStarts: 0, dueAt: 0, errors };
  }
}

// It was held until it was due before it came here.
function retryDue(meta: RunMeta, record: RetryingRecord): number {
  return hasOwnDueTime(meta, record) ? 0 : record.dueAt;
}

/** Whether the message is that of the next attempt: it knows better, for it may have been promoted or rescheduled since. */
export function hasOwnDueTime({ attempt, dueAt }: RunMeta, record: RetryingRecord): boolean {
  return attempt === record.attempt + 1 && dueAt !== undefined;
}
