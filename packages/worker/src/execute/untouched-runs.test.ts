import { describe, expect, test } from "vitest";
import { UntouchedRuns } from "./untouched-runs.ts";

const delivery = (count: number, runId = "a"): { runId: string; count: number } => ({ runId, count });

describe("a run that nobody can have started", () => {
  test("is one of a first delivery", () => {
    const runs = new UntouchedRuns();
    expect(runs.has(delivery(1))).toBe(true);
    expect(runs.has(delivery(2))).toBe(false);
  });

  test("is one that comes back to where it was handed back, as often as that happens", () => {
    const runs = new UntouchedRuns();
    for (let count = 1; count < 5; count++) {
      runs.handedBack(delivery(count));
      expect(runs.has(delivery(count + 1))).toBe(true);
    }
    expect(runs.has(delivery(2, "b"))).toBe(false);
  });

  test("is none that another worker had in between", () => {
    const runs = new UntouchedRuns();
    runs.handedBack(delivery(1));
    expect(runs.has(delivery(3))).toBe(false);
    runs.handedBack(delivery(3));
    expect(runs.has(delivery(4))).toBe(false);
  });

  test("is forgotten when too many others have been handed back since", () => {
    const runs = new UntouchedRuns();
    for (let index = 0; index <= 4_096; index++) runs.handedBack(delivery(1, `run-${index}`));
    expect([runs.has(delivery(2, "run-0")), runs.has(delivery(2, "run-1"))]).toEqual([false, true]);
  });
});
