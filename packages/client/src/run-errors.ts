import { UmbelError, type AttemptError, type OutcomeRecord, type SerializedError } from "@umbel/protocol";

/** The run has failed for good. `details` hold the run id, the attempts and why it was given up. */
export class TaskFailed extends UmbelError {
  override readonly name: string = "TaskFailed";
  readonly runId: string;
  /** The last error of the handler, as data. */
  readonly error: SerializedError | undefined;
  /** Every error that is kept, oldest first. */
  readonly errors: readonly AttemptError[];

  constructor(runId: string, outcome: OutcomeRecord) {
    const reason = outcome.deadLetter ?? "failed";
    super(
      "run_failed",
      `run ${runId} of ${outcome.task} failed after ${attemptsOf(outcome)} (${reason}${moreOf(outcome)})${whyOf(outcome)}`,
      {
        details: { runId, task: outcome.task, attempts: outcome.attempt, reason: outcome.deadLetter },
      },
    );
    this.runId = runId;
    this.error = outcome.errors.at(-1)?.error;
    this.errors = outcome.errors;
  }
}

/** The run was cancelled. */
export class TaskCancelled extends UmbelError {
  override readonly name: string = "TaskCancelled";
  readonly runId: string;
  /** Why, if whoever cancelled it said so. */
  readonly reason: string | undefined;
  /** Who cancelled it, if they said so. */
  readonly by: string | undefined;

  constructor(runId: string, outcome: OutcomeRecord) {
    const { task, reason, by } = outcome;
    const who = by === undefined ? "" : ` by ${by}`;
    const why = reason === undefined ? "" : `: ${reason}`;
    super("run_cancelled", `run ${runId} of ${task} was cancelled${who}${why}`, {
      details: { runId, task, reason, by },
    });
    this.runId = runId;
    this.reason = reason;
    this.by = by;
  }
}

/** The run did not start in time, or not again after an attempt that failed, and never will. */
export class TaskExpired extends UmbelError {
  override readonly name: string = "TaskExpired";
  readonly runId: string;
  /** Every error of an attempt before that is kept, oldest first. */
  readonly errors: readonly AttemptError[];

  constructor(runId: string, outcome: OutcomeRecord) {
    const when =
      outcome.attempt === 0 ? "before it started" : `after ${attemptsOf(outcome)}${whyOf(outcome)}`;
    super("run_expired", `run ${runId} of ${outcome.task} expired ${when}`, {
      details: { runId, task: outcome.task, attempts: outcome.attempt, reason: outcome.reason },
    });
    this.runId = runId;
    this.errors = outcome.errors;
  }
}

/** No outcome came in time. The run goes on. */
export class ResultTimeout extends UmbelError {
  override readonly name: string = "ResultTimeout";
  readonly runId: string;

  constructor(runId: string, timeoutMs: number) {
    super(
      "result_timeout",
      `no outcome of run ${runId} within ${timeoutMs} ms; the run goes on, ask again later`,
      {
        details: { runId, timeoutMs },
      },
    );
    this.runId = runId;
  }
}

function attemptsOf({ attempt }: OutcomeRecord): string {
  return `${attempt} ${attempt === 1 ? "attempt" : "attempts"}`;
}

function moreOf({ reason }: OutcomeRecord): string {
  return reason === undefined ? "" : `: ${reason}`;
}

function whyOf({ errors }: OutcomeRecord): string {
  const last = errors.at(-1)?.error;
  return last === undefined ? "" : `: ${last.name}: ${last.message}`;
}
