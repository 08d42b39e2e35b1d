import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { WorkerEntry } from "@umbel/protocol";

const RESOLUTION_MS = 20;
const NANOS_PER_MS = 1_000_000;

/** Measures how late and how busy the event loop is. */
export class LoopGauge implements Disposable {
  readonly #histogram: ReturnType<typeof monitorEventLoopDelay>;
  #utilisation = performance.eventLoopUtilization();

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
  }

  /** What was measured since this was asked last, which begins anew. */
  take(): WorkerEntry["loop"] {
    const histogram = this.#histogram;
    const measured = {
      delayMeanMs: lateness(histogram.mean),
      delayP99Ms: lateness(histogram.percentile(99)),
      delayMaxMs: lateness(histogram.max),
      utilisation: this.#takeUtilisation(),
    };
    histogram.reset();
    return measured;
  }

  [Symbol.dispose](): void {
    this.#histogram.disable();
  }

  #takeUtilisation(): number {
    const before = this.#utilisation;
    this.#utilisation = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#utilisation, before);
    return Math.round(utilization * 1_000) / 1_000;
  }
}

// What it gives is the time from one timer to the next. Without any it gives no number.
function lateness(nanos: number): number {
  const ms = nanos / NANOS_PER_MS - RESOLUTION_MS;
  return ms > 0 ? Math.round(ms * 10) / 10 : 0;
}
