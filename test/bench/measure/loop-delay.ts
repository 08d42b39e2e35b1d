import { monitorEventLoopDelay, type ELDHistogram } from "node:perf_hooks";

const NANOS_PER_MS = 1_000_000;

/** Begin to measure how late timers of this thread's loop fire. */
export function watchLoopDelay(): ELDHistogram {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  return delay;
}

/** Stop measuring: 99 of 100 timers fired within this. About 1.1 on an idle loop. */
export function loopDelayP99Ms(delay: ELDHistogram): number {
  delay.disable();
  return delay.percentile(99) / NANOS_PER_MS;
}
