import { sleep } from "@umbel/runtime";

/** How many at a time, how often, and until when. */
export interface BulkLimits {
  readonly concurrency: number;
  /** Between the beginnings of two. @default as fast as it goes */
  readonly intervalMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Do `work` with each of `items`, several at a time. What has begun is awaited, whatever happens.
 *
 * @throws the first error of `work`; the reason of the signal.
 */
export async function forEachOf<T>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<void>,
  limits: BulkLimits,
): Promise<void> {
  const { concurrency, signal } = limits;
  const open = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const begin = (item: T): void => {
    const begun: Promise<void> = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => open.delete(begun));
    open.add(begun);
  };
  const pace = pacer(limits);
  try {
    for await (const item of items) {
      await pace();
      signal?.throwIfAborted();
      if (open.size >= concurrency) await Promise.race(open);
      if (failures.length > 0) break;
      begin(item);
    }
  } finally {
    await Promise.all(open);
  }
  if (failures.length > 0) throw failures[0];
  signal?.throwIfAborted();
}

/** What was late may be made up for, but not more than this. */
const BURST_MS = 100;

function pacer({ intervalMs, signal }: BulkLimits): () => Promise<void> {
  if (intervalMs === undefined) return () => Promise.resolve();
  let next = performance.now();
  return async () => {
    const now = performance.now();
    const at = Math.max(next, now - BURST_MS);
    next = at + intervalMs;
    if (at > now) await sleep(at - now, signal);
  };
}
