/** How much work a worker may hold beyond its slots, in time: what is over before anyone could miss it. */
const WORTH_MS = 20;
/** Enough for any rate that one process reaches. */
const MOST = 1_000;
/** Starts that must have been measured before anything is held. */
const LEAST_SAMPLES = 16;
const WEIGHT = 0.1;
/** From this mean on, a run takes so much of those 20 ms that nothing is held. */
const SLOW_MS = WORTH_MS / 2;

/**
 * How many runs to hold ready beyond the free slots, from how long handlers take: about 20 ms of work for quick
 * ones, so that a slot never waits for a round trip, and none for slow ones, because a run that is held here
 * cannot start elsewhere.
 *
 * Time is the wall's: when the machine is busy, a handler of microseconds now and then seems to take long. So a
 * sample counts as 20 ms at most, and only several of them end the trust; what is held meanwhile and does not
 * begin is given back, see {@link distrust}.
 */
export class Lookahead {
  #slots: number;
  #meanMs = 0;
  #samples = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** There are as many slots from now on. */
  resize(slots: number): void {
    this.#slots = slots;
  }

  /** A handler took `durationMs`. */
  observe(durationMs: number): void {
    this.#samples += 1;
    this.#meanMs += WEIGHT * (Math.min(durationMs, WORTH_MS) - this.#meanMs);
  }

  /** What was held has not begun: hold nothing until many quick handlers have been seen again. */
  distrust(): void {
    this.#meanMs = WORTH_MS;
  }

  /** How many runs could begin within `ms`, beside those that can begin at once. Slow or not measured: a few. */
  within(ms: number): number {
    const meanMs = this.#samples < LEAST_SAMPLES ? WORTH_MS : this.#meanMs;
    return Math.ceil((this.#slots * ms) / Math.max(meanMs, 0.1));
  }

  /** How many runs may be held. */
  get size(): number {
    if (this.#samples < LEAST_SAMPLES || this.#meanMs >= SLOW_MS) return 0;
    return Math.min(MOST, Math.floor((this.#slots * WORTH_MS) / Math.max(this.#meanMs, 0.01)));
  }
}
