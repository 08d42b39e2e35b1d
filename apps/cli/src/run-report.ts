import type { RunInfo } from "@umbel/client";
import {
  decode,
  type AttemptError,
  type DeadLetterReason,
  type OutcomeRecord,
  type RunState,
} from "@umbel/protocol";

/** What a command tells about a run. Times in milliseconds since the epoch; absent: not known, or not yet. */
export interface RunReport {
  readonly runId: string;
  readonly state: RunState;
  readonly task?: string | undefined;
  readonly queue?: string | undefined;
  readonly attempt?: number | undefined;
  readonly starts?: number | undefined;
  readonly worker?: string | undefined;
  readonly enqueuedAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly dueAt?: number | undefined;
  readonly reason?: string | undefined;
  readonly deadLetter?: DeadLetterReason | undefined;
  readonly errors: readonly AttemptError[];
  /** Of a run that succeeded: what its handler returned. */
  readonly result?: { readonly value: unknown };
}

/** A report on a run that has ended. @throws UmbelError `undecodable` for a result that cannot be read */
export function reportOutcome(runId: string, outcome: OutcomeRecord): RunReport {
  const { state, attempt, starts, startedAt, at, reason, deadLetter, errors } = outcome;
  return {
    runId,
    state,
    task: known(outcome.task),
    queue: known(outcome.queue),
    attempt,
    starts,
    worker: known(outcome.worker),
    // A cancel may not have seen the run's message, and writes 0.
    enqueuedAt: outcome.enqueuedAt === 0 ? undefined : outcome.enqueuedAt,
    startedAt,
    finishedAt: at,
    reason,
    deadLetter,
    errors,
    ...(state === "succeeded" ? { result: { value: readResult(outcome.result) } } : {}),
  };
}

/** A report on a run that has not ended. */
export function reportInfo(info: RunInfo): RunReport {
  return { ...info, worker: known(info.worker) };
}

function readResult(bytes: Uint8Array | undefined): unknown {
  return bytes === undefined ? undefined : decode(bytes, "result");
}

// Records hold empty text where there is nothing to say.
function known(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
