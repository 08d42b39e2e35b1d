import type { AbortCause } from "./execute/abort-control.ts";
import type { Run, RunDelivery } from "./execute/run.ts";

/** One run that a worker holds. */
export interface ActiveRun {
  readonly run: Pick<Run, "runId">;
  adopt(delivery: RunDelivery): void;
  abort(cause: AbortCause): void;
}

/** The runs that a worker holds at this moment, from their slot to their settlement. */
export class ActiveRuns {
  readonly #executions = new Map<string, ActiveRun>();
  #emptied: PromiseWithResolvers<void> | undefined;

  get size(): number {
    return this.#executions.size;
  }

  get runIds(): readonly string[] {
    return [...this.#executions.keys()];
  }

  add(execution: ActiveRun): void {
    this.#executions.set(execution.run.runId, execution);
  }

  remove(execution: ActiveRun): void {
    if (this.#executions.get(execution.run.runId) !== execution) return;
    this.#executions.delete(execution.run.runId);
    if (this.#executions.size > 0) return;
    this.#emptied?.resolve();
    this.#emptied = undefined;
  }

  /**
   * Give `delivery` to the execution of the same run, if it is executed here: its heartbeats came too late, the
   * broker has handed it over again, and starting it a second time beside itself would help nobody.
   */
  adopt(delivery: RunDelivery): boolean {
    const execution = this.#executions.get(delivery.runId);
    execution?.adopt(delivery);
    return execution !== undefined;
  }

  abort(runId: string, cause: AbortCause): void {
    this.#executions.get(runId)?.abort(cause);
  }

  abortAll(cause: AbortCause): void {
    for (const execution of this.#executions.values()) execution.abort(cause);
  }

  /** Resolves when nothing is held any more. */
  empty(): Promise<void> {
    if (this.#executions.size === 0) return Promise.resolve();
    this.#emptied ??= Promise.withResolvers<void>();
    return this.#emptied.promise;
  }
}
