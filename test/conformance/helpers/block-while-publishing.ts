import { Worker } from "node:worker_threads";

/** What {@link blockWhilePublishing} publishes. */
export interface ThreadPublication {
  readonly servers: readonly string[];
  readonly mesh: string;
  readonly subject: string;
}

/**
 * Block this thread, as a handler that computes does: when nothing moves here any more, another thread
 * publishes a message, and `blockMs` later this thread goes on.
 */
export function blockWhilePublishing(publication: ThreadPublication, blockMs: number): void {
  const published = new Int32Array(new SharedArrayBuffer(4));
  const script = new URL("./publisher-thread.ts", import.meta.url);
  const thread = new Worker(script, { workerData: { ...publication, published } });
  thread.unref();
  Atomics.wait(published, 0, 0, 30_000);
  Atomics.wait(published, 0, 1, blockMs);
}
