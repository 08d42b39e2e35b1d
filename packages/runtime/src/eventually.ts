import { sleep } from "./sleep.ts";
import { withDeadline } from "./with-deadline.ts";

/** How long {@link eventually} tries. */
export interface EventuallyOptions {
  /** Milliseconds until it gives up. @default 10_000 */
  readonly timeoutMs?: number;
  /** Milliseconds between two tries. @default 10 */
  readonly everyMs?: number;
}

/**
 * Call `probe` until it returns something other than `undefined` or `false` and does not throw;
 * resolves to that value. This is the one wait of tests: no fixed sleeps.
 *
 * @throws an error that names what was waited for when the time is over, a probe that hangs included. Its
 * cause is what the last probe threw.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 10_000, everyMs = 10 } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await withDeadline(Promise.resolve(probe()), deadline - performance.now());
      if (value !== undefined && value !== false) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs);
  } while (performance.now() < deadline);
  throw new Error(`not seen within ${timeoutMs} ms: ${what}`, { cause });
}
