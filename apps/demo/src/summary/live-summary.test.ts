import type { OutcomeRecord } from "@umbel/protocol";
import { describe, expect, it } from "vitest";
import type { LedgerEntry } from "../run-ledger.ts";
import { liveSummary } from "./live-summary.ts";

describe("liveSummary", () => {
  it("counts the runs of each kind by where they are", () => {
    const entries = [
      entry("day", "succeeded"),
      entry("day", undefined),
      entry("poison", "failed"),
      entry("day", "succeeded"),
    ];
    expect(liveSummary(entries, 2)).toEqual({
      kinds: {
        day: { enqueued: 3, succeeded: 2, failed: 0, open: 1 },
        poison: { enqueued: 1, succeeded: 0, failed: 1, open: 0 },
      },
      mailsArrived: 2,
    });
  });
});

function entry(kind: string, state: OutcomeRecord["state"] | undefined): LedgerEntry {
  const base = { task: "t", queue: "q", worker: "w", attempt: 1, starts: 1, at: 0, errors: [] };
  const outcome = state === undefined ? undefined : { ...base, state, fence: 0, enqueuedAt: 0 };
  return { id: "id", kind, key: "key", acknowledgedAt: 0, outcome, result: undefined };
}
