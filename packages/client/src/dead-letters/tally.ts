import type { DeadLetterProgress } from "./redrive-options.ts";

/** What became of the dead letters of a selection. */
export interface DeadLetterSummary extends DeadLetterProgress {
  /** Why some were refused: the first 100. */
  readonly refusals: readonly { readonly runId: string; readonly why: string }[];
  /** Ids without a dead letter: the first 100. */
  readonly missingIds: readonly string[];
}

const MOST_NAMED = 100;

/** Counts what becomes of dead letters. */
export class Tally {
  #done = 0;
  #existed = 0;
  #refused = 0;
  #missing = 0;
  readonly #refusals: { readonly runId: string; readonly why: string }[] = [];
  readonly #missingIds: string[] = [];
  readonly #onProgress: ((progress: DeadLetterProgress) => void) | undefined;

  constructor(onProgress?: (progress: DeadLetterProgress) => void) {
    this.#onProgress = onProgress;
  }

  /** One was dealt with, or found to have been dealt with before. */
  done(existed: boolean): void {
    if (existed) this.#existed += 1;
    else this.#done += 1;
    this.#onProgress?.(this.#progress);
  }

  refused(runId: string, why: string): void {
    this.#refused += 1;
    if (this.#refusals.length < MOST_NAMED) this.#refusals.push({ runId, why });
    this.#onProgress?.(this.#progress);
  }

  missing(runId: string): void {
    this.#missing += 1;
    if (this.#missingIds.length < MOST_NAMED) this.#missingIds.push(runId);
    this.#onProgress?.(this.#progress);
  }

  get #progress(): DeadLetterProgress {
    return { done: this.#done, existed: this.#existed, refused: this.#refused, missing: this.#missing };
  }

  get summary(): DeadLetterSummary {
    return { ...this.#progress, refusals: this.#refusals, missingIds: this.#missingIds };
  }
}
