/** How much work a worker may hold beyond its slots, in time: what is over before anyone could miss it. */
const WORTH_MS = 20;
/** Enough for any rate that one process reaches. */
const MOST = 1_000;
/** Starts that must have been measured before anything is held. */
const LEAST_SAMPLES = 16;
const WEIGHT = 0.2;
/** A sample counts as this at most: one is enough to end the trust, and a pause of the whole process is not for ever. */
const LONGEST_SAMPLE_MS = 100;

/**
 * How many runs to hold ready beyond the free slots, from how long handlers take: about 20 ms of work for quick
 * ones, so that a slot never waits for a round trip, and none for slow ones, because a run that is held here
 * cannot start elsewhere.
 */
export class Lookahead {
  readonly #slots: number;
  #meanMs = 0;
  #samples = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** A handler took `durationMs`. One slow handler counts at once, many quick ones bring the trust back. */
  observe(durationMs: number): void {
    this.#samples += 1;
    this.#meanMs += WEIGHT * (Math.min(durationMs, LONGEST_SAMPLE_MS) - this.#meanMs);
  }

  /** How many runs may be held. */
  get size(): number {
    if (this.#samples < LEAST_SAMPLES || this.#meanMs >= WORTH_MS) return 0;
    return Math.min(MOST, Math.floor((this.#slots * WORTH_MS) / Math.max(this.#meanMs, 0.01)));
  }
}
