import { setTimeout as timer } from "node:timers/promises";

/**
 * Wait `ms` milliseconds, or until `signal` aborts, whichever comes first. Never rejects:
 * look at `signal.aborted` when the difference matters.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await timer(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // Aborted: the caller holds the signal.
  }
}
