import type { Figures } from "../scenario.ts";
import { percentile } from "./statistics.ts";

/** Collects how late each of a known number of runs was, in milliseconds. */
export class Lateness {
  readonly #expected: number;
  readonly #late: number[] = [];
  readonly #done = Promise.withResolvers<void>();

  constructor(expected: number) {
    this.#expected = expected;
  }

  /** A run that was due at `dueAt` happened at `at`. */
  note(dueAt: number, at: number): void {
    this.#late.push(at - dueAt);
    if (this.#late.length === this.#expected) this.#done.resolve();
  }

  /** What came of them, once all have happened. */
  async figures(): Promise<Figures> {
    await this.#done.promise;
    return latenessOf(this.#late);
  }
}

/** What milliseconds of lateness come to; below 0 is early. @throws RangeError for none */
export function latenessOf(late: readonly number[]): Figures {
  return {
    p50Ms: percentile(late, 50),
    p99Ms: percentile(late, 99),
    maxMs: percentile(late, 100),
    early: late.filter((ms) => ms < 0).length,
  };
}

/** When the run with this index is due, of `count` that are spread evenly. */
export function dueAtOf(index: number, from: number, count: number): number {
  return from + Math.round((index / count) * SPREAD_MS);
}

const SPREAD_MS = 10_000;
