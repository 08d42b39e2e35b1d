import { isOutcome, type RunRecord } from "@umbel/protocol";
import type { RunNotices } from "./notices.ts";

/** A worker that was killed, and what it held. */
export interface Kill {
  readonly workerId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly heldRunIds: readonly string[];
}

/** What became of the runs of a worker that was killed. */
export interface Recovery {
  /** Runs that had not ended when it died. */
  readonly orphaned: number;
  /** Those of them that started again on another worker. */
  readonly recovered: number;
  /** From the kill until the last of them had started again. Milliseconds. */
  readonly lastMs: number;
}

/** What became of the runs that `kill` left behind, by what was written about them afterwards. Pure. */
export function recoveryOf(kill: Kill, noticesOf: (runId: string) => RunNotices): Recovery {
  const orphans = kill.heldRunIds
    .map((runId) => noticesOf(runId).records)
    .filter((records) => !records.some((record) => isOutcome(record) && record.worker === kill.workerId));
  const delays = orphans.flatMap((records) => {
    const again = records.find((record) => isStartElsewhere(record, kill));
    return again === undefined ? [] : [again.at - kill.at];
  });
  return { orphaned: orphans.length, recovered: delays.length, lastMs: Math.max(0, ...delays) };
}

// A run that is delivered again is always claimed before it starts.
function isStartElsewhere({ state, worker, at }: RunRecord, kill: Kill): boolean {
  return state === "running" && worker !== kill.workerId && at >= kill.at;
}
