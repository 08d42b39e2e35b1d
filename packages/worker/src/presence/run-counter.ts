import type { WorkerCounts } from "@umbel/protocol";
import type { ProcessOutcome } from "@umbel/telemetry";

/** How often handlers of one task were begun here, and how they ended. */
export interface TaskCounts {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
}

type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] };

/** Counts what becomes of the runs of a worker. Every run passes here: plain increments, nothing else. */
export class RunCounter {
  readonly #all: Mutable<WorkerCounts> = {
    started: 0,
    succeeded: 0,
    failed: 0,
    retried: 0,
    cancelled: 0,
    handedBack: 0,
    refused: 0,
  };
  readonly #tasks = new Map<string, Mutable<TaskCounts>>();

  /** A handler is about to be begun. */
  started(task: string): void {
    this.#all.started += 1;
    this.#of(task).started += 1;
  }

  /** An attempt has ended, and that is settled. */
  ended(task: string, outcome: ProcessOutcome): void {
    if (outcome === "succeeded") {
      this.#all.succeeded += 1;
      this.#of(task).succeeded += 1;
      return;
    }
    const count = COUNTS[outcome];
    if (count !== undefined) this.#all[count] += 1;
    if (count === "failed") this.#of(task).failed += 1;
  }

  /** Of all tasks together. */
  get counts(): WorkerCounts {
    return { ...this.#all };
  }

  /** By task, of those that were begun here. */
  get tasks(): Readonly<Record<string, TaskCounts>> {
    return Object.fromEntries(Array.from(this.#tasks, ([task, counts]) => [task, { ...counts }]));
  }

  // As many as the worker has handlers: a name from outside never comes here.
  #of(task: string): Mutable<TaskCounts> {
    let counts = this.#tasks.get(task);
    if (counts === undefined) {
      counts = { started: 0, succeeded: 0, failed: 0 };
      this.#tasks.set(task, counts);
    }
    return counts;
  }
}

const COUNTS: Readonly<Record<ProcessOutcome, keyof WorkerCounts | undefined>> = {
  succeeded: "succeeded",
  failed: "failed",
  discarded: "failed",
  retrying: "retried",
  cancelled: "cancelled",
  handed_back: "handedBack",
  refused: "refused",
  expired: undefined,
};
