import { sleep } from "./sleep.ts";

/**
 * Await `work` for at most `ms` milliseconds. Resolves to `undefined` when the time is over;
 * the work itself goes on, so pass it something that can be abandoned.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const settled = new AbortController();
  const expired = sleep(ms, settled.signal).then(() => undefined);
  try {
    return await Promise.race([work, expired]);
  } finally {
    settled.abort();
  }
}
