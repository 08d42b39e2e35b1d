import { percentile } from "../../measure/statistics.ts";
import type { Figures } from "../../scenario.ts";

/** When things happen, whatever comes of those before. */
export interface Pace {
  readonly count: number;
  /** When the thing with this index is due, in milliseconds from the start. */
  dueMs(index: number): number;
  /** How many are due by then. */
  dueBy(ms: number): number;
}

const TICK_MS = 1;

/** So many things, evenly at so many a second. Pure. */
export function paceOf(count: number, rate: number): Pace {
  return {
    count,
    dueMs: (index) => (index / rate) * 1_000,
    dueBy: (ms) => Math.min(count, Math.floor((ms / 1_000) * rate) + 1),
  };
}

/**
 * Begin `work` when it is due, however many have not ended: a system that falls behind cannot slow down what
 * arrives. Time counts from when each was due, not from when it was begun. Looks at the clock every millisecond,
 * and that is part of what is measured.
 */
export async function openLoop(pace: Pace, work: (index: number) => Promise<unknown>): Promise<Figures> {
  const latencies: number[] = [];
  const all = Promise.withResolvers<void>();
  const beganAt = performance.now();
  let next = 0;
  const begin = (index: number): void => {
    work(index)
      .then(() => latencies.push(performance.now() - beganAt - pace.dueMs(index)))
      .then((ended) => ended === pace.count && all.resolve())
      .catch(all.reject);
  };
  const timer = setInterval(() => {
    const due = pace.dueBy(performance.now() - beganAt);
    while (next < due) begin(next++);
    if (next === pace.count) clearInterval(timer);
  }, TICK_MS);
  await all.promise.finally(() => clearInterval(timer));
  const seconds = (performance.now() - beganAt) / 1_000;
  return {
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    maxMs: percentile(latencies, 100),
    // Below what was offered, the system did not keep up, and its latencies grow with the time.
    rate: pace.count / seconds,
  };
}
