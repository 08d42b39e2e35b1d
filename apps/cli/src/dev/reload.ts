import { abortion } from "../interrupt.ts";
import type { Latch } from "./latch.ts";

/** A worker that can be stopped. */
export interface Reloadable {
  /** How it ended, as the end of "the worker has ended …". Never rejects. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** What {@link reloadOnChange} works with. */
export interface ReloadParts {
  readonly start: () => Reloadable;
  readonly changes: Latch;
  /** A worker has ended by itself: it is waited for a change. */
  readonly onEnded: (how: string) => void;
  readonly onChanged: (files: readonly string[]) => void;
}

/** Keep a worker running, a fresh one after every change, until `signal` aborts. @throws the reason of the signal */
export async function reloadOnChange(parts: ReloadParts, signal: AbortSignal): Promise<never> {
  const { start, changes, onEnded, onChanged } = parts;
  const stopped = abortion(signal);
  for (;;) {
    changes.clear();
    const worker = start();
    const watched = new AbortController();
    try {
      void tellEnd(worker, onEnded, watched.signal);
      const changed = await Promise.race([changes.next(), stopped]);
      onChanged(changed);
    } finally {
      watched.abort();
      await worker.stop();
    }
  }
}

// It is not started again before something changes: it would only end again.
async function tellEnd(
  { ended }: Reloadable,
  onEnded: (how: string) => void,
  stopping: AbortSignal,
): Promise<void> {
  const how = await ended;
  if (!stopping.aborted) onEnded(how);
}
