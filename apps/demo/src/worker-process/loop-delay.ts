import { monitorEventLoopDelay } from "node:perf_hooks";

const INTERVAL_MS = 10;

/** Measures how late a process's event loop comes to what is due. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: INTERVAL_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** Forget what was measured so far. */
  reset(): void {
    this.#histogram.reset();
  }

  /** In 99 % of all measurements the delay was at most this. Milliseconds. */
  get p99Ms(): number {
    // What is recorded is the whole time between two measurements.
    return Math.max(0, this.#histogram.percentile(99) / 1e6 - INTERVAL_MS);
  }
}
