import { setTimeout as timer } from "node:timers/promises";
import { LONGEST_TIMER_MS } from "./longest-timer.ts";

/**
 * Wait `ms` milliseconds, however many, or until `signal` aborts, whichever comes first. Never rejects:
 * look at `signal.aborted` when the difference matters.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  let leftMs = Math.max(0, ms);
  try {
    do {
      await timer(Math.min(leftMs, LONGEST_TIMER_MS), undefined, options);
      leftMs -= LONGEST_TIMER_MS;
    } while (leftMs > 0);
  } catch {
    // Aborted: the caller holds the signal.
  }
}
