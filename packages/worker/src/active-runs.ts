import type { AbortCause } from "./execute/abort-control.ts";
import type { Run, RunDelivery } from "./execute/run.ts";

/** One run that a worker holds. */
export interface ActiveRun {
  readonly run: Pick<Run, "runId" | "queue" | "meta">;
  adopt(delivery: RunDelivery): void;
  abort(cause: AbortCause): void;
}

/** The runs that a worker holds at this moment, from their slot to their settlement. */
export class ActiveRuns {
  readonly #executions = new Map<string, ActiveRun>();
  readonly #emptied = new Set<Emptied>();

  get size(): number {
    return this.#executions.size;
  }

  get runIds(): readonly string[] {
    return [...this.#executions.keys()];
  }

  /** What is held, the oldest first. */
  get runs(): readonly ActiveRun["run"][] {
    return Array.from(this.#executions.values(), ({ run }) => run);
  }

  add(execution: ActiveRun): void {
    this.#executions.set(execution.run.runId, execution);
  }

  remove(execution: ActiveRun): void {
    if (this.#executions.get(execution.run.runId) !== execution) return;
    this.#executions.delete(execution.run.runId);
    if (this.#emptied.size === 0) return;
    for (const waiting of this.#emptied) {
      if (this.#holdsAny(waiting.queue)) continue;
      this.#emptied.delete(waiting);
      waiting.resolve();
    }
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

  /** Resolves when nothing is held any more; of one queue, if `queue` is given. */
  empty(queue?: string): Promise<void> {
    if (!this.#holdsAny(queue)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied.add({ queue, resolve });
    return promise;
  }

  #holdsAny(queue: string | undefined): boolean {
    if (queue === undefined) return this.#executions.size > 0;
    for (const { run } of this.#executions.values()) if (run.queue === queue) return true;
    return false;
  }
}

interface Emptied {
  readonly queue: string | undefined;
  readonly resolve: () => void;
}
