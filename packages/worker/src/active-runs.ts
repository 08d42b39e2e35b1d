import { ShortLivedMap } from "@umbel/runtime";
import type { AbortCause } from "./execute/abort-control.ts";
import type { Ownership, Run, RunDelivery } from "./execute/run.ts";

/** One run that a worker holds. */
export interface ActiveRun {
  readonly run: Pick<Run, "runId" | "queue" | "meta">;
  /** Absent before its record is read, or need not be. */
  readonly ownership?: Ownership | undefined;
  /** When its handler was begun, in milliseconds since the epoch. */
  readonly startedAt?: number | undefined;
  adopt(delivery: RunDelivery): void;
  abort(cause: AbortCause): void;
  /** Abort, and give the handler no time to end. */
  terminate(cause: AbortCause): void;
}

/** The runs that a worker holds at this moment, from their slot to their settlement. */
export class ActiveRuns<Active extends ActiveRun = ActiveRun> {
  readonly #executions = new ShortLivedMap<string, Active>();
  readonly #waiting = new Set<Waiting>();

  get size(): number {
    return this.#executions.size;
  }

  get runIds(): readonly string[] {
    return Array.from(this.#executions.entries(), ([runId]) => runId);
  }

  /** What is held, the oldest first. */
  get runs(): readonly ActiveRun["run"][] {
    return Array.from(this.#executions.values(), ({ run }) => run);
  }

  /** All executions, the oldest first. */
  all(): Iterable<Active> {
    return this.#executions.values();
  }

  /** So many of what is held, the oldest first. */
  oldest(count: number): readonly Active[] {
    return this.#executions.values().take(count).toArray();
  }

  add(execution: Active): void {
    this.#executions.set(execution.run.runId, execution);
  }

  remove(execution: Active): void {
    if (this.#executions.get(execution.run.runId) !== execution) return;
    this.#executions.take(execution.run.runId);
    if (this.#waiting.size === 0) return;
    for (const waiting of this.#waiting) {
      if (!waiting.reached()) continue;
      this.#waiting.delete(waiting);
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

  /** End a run at once; `false` when it is not held here. */
  terminate(runId: string, cause: AbortCause): boolean {
    const execution = this.#executions.get(runId);
    execution?.terminate(cause);
    return execution !== undefined;
  }

  /** What is held of these, by their ids. */
  find(runIds: Iterable<string>): readonly Active[] {
    return [...runIds].flatMap((runId) => this.#executions.get(runId) ?? []);
  }

  abortAll(cause: AbortCause): void {
    for (const execution of this.#executions.values().toArray()) execution.abort(cause);
  }

  /** Resolves when nothing is held any more. */
  empty(): Promise<void> {
    return this.#until(() => this.#executions.size === 0);
  }

  /** Resolves when what is held of `queue` now is held no more. */
  endOf(queue: string): Promise<void> {
    const held = this.#executions
      .values()
      .filter(({ run }) => run.queue === queue)
      .toArray();
    return this.#until(() => held.every((run) => this.#executions.get(run.run.runId) !== run));
  }

  #until(reached: () => boolean): Promise<void> {
    if (reached()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add({ reached, resolve });
    return promise;
  }
}

interface Waiting {
  readonly reached: () => boolean;
  readonly resolve: () => void;
}
