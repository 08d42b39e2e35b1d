import type { RunRecord } from "@umbel/protocol";
import { describe, expect, it } from "vitest";
import { recoveryOf, type Kill } from "./recovery.ts";

const base = { task: "t", queue: "q", attempt: 1, starts: 1, errors: [] };
const claim = (worker: string, at: number): RunRecord => ({
  ...base,
  worker,
  at,
  state: "running",
  lostStarts: 0,
});
const outcome = (worker: string, at: number): RunRecord => ({
  ...base,
  worker,
  at,
  state: "succeeded",
  fence: 0,
  enqueuedAt: 0,
});

describe("recoveryOf", () => {
  it("measures until the last orphan has started elsewhere", () => {
    const recovery = recover({
      first: [claim("other", 1_400), outcome("other", 1_500)],
      second: [claim("other", 4_000), outcome("other", 4_100)],
    });
    expect(recovery).toEqual({ orphaned: 2, recovered: 2, lastMs: 3_000 });
  });

  it("does not count a run that the killed worker had ended", () => {
    expect(recover({ ended: [outcome("dead", 999)] })).toEqual({ orphaned: 0, recovered: 0, lastMs: 0 });
  });

  it("does not take the killed worker's own claim for a recovery", () => {
    expect(recover({ lost: [claim("dead", 900)], forgotten: [] })).toEqual({
      orphaned: 2,
      recovered: 0,
      lastMs: 0,
    });
  });
});

function recover(records: Readonly<Record<string, readonly RunRecord[]>>): ReturnType<typeof recoveryOf> {
  const kill: Kill = { workerId: "dead", at: 1_000, heldRunIds: Object.keys(records) };
  return recoveryOf(kill, (runId) => ({ runId, records: records[runId] ?? [], outcomes: 0 }));
}
