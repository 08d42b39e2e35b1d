import type { Reporter } from "../report/reporter.ts";
import type { Stage } from "../stage.ts";

/** Far longer than any phase takes: then what has not ended never will, and the summary says so. */
const LONGEST_MS = 90_000;

/** What a phase is carried out with. */
export interface PhaseContext {
  readonly stage: Stage;
  readonly reporter: Reporter;
  /** Aborts when the demo is interrupted. */
  readonly signal: AbortSignal;
}

/** A part of a phase: runs that are enqueued, and then end. */
export interface Part {
  /** How many runs will end, those included that others enqueue. */
  readonly total: number;
  readonly enqueue: () => Promise<unknown>;
  /** Shown beside the progress. */
  readonly note: () => string;
}

/** Enqueue runs and follow them until every run has ended. @throws the reason of `signal` */
export async function followRuns(
  { stage, reporter, signal }: PhaseContext,
  { total, enqueue, note }: Part,
): Promise<void> {
  let ended = 0;
  using progress = reporter.progress(total, note());
  const stopHearing = stage.ledger.onEnd(() => {
    ended += 1;
    progress.update(ended, note());
  });
  try {
    await enqueue();
    await stage.ledger.allEnded(AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]));
    signal.throwIfAborted();
  } finally {
    stopHearing();
  }
}
