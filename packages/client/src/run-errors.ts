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
    const last = outcome.errors.at(-1)?.error;
    const attempts = `${outcome.attempt} ${outcome.attempt === 1 ? "attempt" : "attempts"}`;
    const why = last === undefined ? "" : `: ${last.name}: ${last.message}`;
    super(
      "run_failed",
      `run ${runId} of ${outcome.task} failed after ${attempts} (${outcome.deadLetter ?? "failed"})${why}`,
      {
        details: { runId, task: outcome.task, attempts: outcome.attempt, reason: outcome.deadLetter },
      },
    );
    this.runId = runId;
    this.error = last;
    this.errors = outcome.errors;
  }
}

/** The run was cancelled. */
export class TaskCancelled extends UmbelError {
  override readonly name: string = "TaskCancelled";
  readonly runId: string;

  constructor(runId: string, outcome: OutcomeRecord) {
    const reason = outcome.reason === undefined ? "" : `: ${outcome.reason}`;
    super("run_cancelled", `run ${runId} of ${outcome.task} was cancelled${reason}`, {
      details: { runId, task: outcome.task, reason: outcome.reason },
    });
    this.runId = runId;
  }
}

/** The run did not start in time, and never will. */
export class TaskExpired extends UmbelError {
  override readonly name: string = "TaskExpired";
  readonly runId: string;

  constructor(runId: string, outcome: OutcomeRecord) {
    super("run_expired", `run ${runId} of ${outcome.task} expired before it started`, {
      details: { runId, task: outcome.task },
    });
    this.runId = runId;
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
