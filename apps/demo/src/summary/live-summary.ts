import type { LedgerEntry } from "../run-ledger.ts";

/** Where the runs of one kind are. */
export interface KindCounts {
  readonly enqueued: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly open: number;
}

/** What `GET /summary` answers. */
export interface LiveSummary {
  readonly kinds: Readonly<Record<string, KindCounts>>;
  readonly mailsArrived: number;
}

/** Where all runs are at this moment. Pure. */
export function liveSummary(entries: readonly LedgerEntry[], mailsArrived: number): LiveSummary {
  const kinds = Map.groupBy(entries, ({ kind }) => kind);
  return {
    kinds: Object.fromEntries([...kinds].map(([kind, some]) => [kind, countsOf(some)])),
    mailsArrived,
  };
}

function countsOf(entries: readonly LedgerEntry[]): KindCounts {
  const ended = entries.filter(({ outcome }) => outcome !== undefined);
  const succeeded = ended.filter(({ outcome }) => outcome?.state === "succeeded").length;
  return {
    enqueued: entries.length,
    succeeded,
    failed: ended.length - succeeded,
    open: entries.length - ended.length,
  };
}
