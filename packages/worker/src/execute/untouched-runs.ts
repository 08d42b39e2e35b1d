import type { RunDelivery } from "./run.ts";

/** Enough for all that is handed back and comes straight back. */
const KEPT = 4_096;

/**
 * Runs that this worker has handed back without starting them. When the very next delivery of such a run comes to
 * this worker again, nobody else can have had it: it is as good as a first one, and its record need not be read.
 * Otherwise a worker whose handlers have become slow, and that hands back what it holds ahead, would pay a read
 * and a claim for each of these runs.
 */
export class UntouchedRuns {
  readonly #counts = new Map<string, number>();

  /** Whether no worker can have started the run before `delivery`. */
  has({ runId, count }: Pick<RunDelivery, "runId" | "count">): boolean {
    return count === 1 || this.#counts.get(runId) === count - 1;
  }

  /** `delivery` is handed back, and its run was not started. */
  handedBack(delivery: Pick<RunDelivery, "runId" | "count">): void {
    const untouched = this.has(delivery);
    const { runId, count } = delivery;
    this.#counts.delete(runId);
    if (!untouched) return;
    this.#counts.set(runId, count);
    if (this.#counts.size <= KEPT) return;
    const oldest = this.#counts.keys().next();
    if (oldest.done !== true) this.#counts.delete(oldest.value);
  }
}
