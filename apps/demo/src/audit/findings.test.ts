import { describe, expect, it } from "vitest";
import { findingsOf, type RunFact } from "./findings.ts";

const good: RunFact = {
  id: "good",
  kind: "airport",
  state: "succeeded",
  attempt: 1,
  outcomes: 1,
  deadLettered: false,
};
const poisoned: RunFact = {
  ...good,
  id: "bad",
  kind: "poison",
  state: "failed",
  attempt: 3,
  deadLettered: true,
};

describe("findingsOf", () => {
  it("finds nothing wrong with runs that end as they should", () => {
    const heard = [
      { runId: "good", outcomes: 1 },
      { runId: "bad", outcomes: 1 },
    ];
    expect(findingsOf([good, poisoned], heard)).toEqual({
      enqueued: 2,
      succeeded: 1,
      retried: 2,
      deadLettered: 1,
      lost: [],
      extraOutcomes: 0,
      surprising: [],
    });
  });

  it.each(["queued", "running", "retrying", "scheduled", "unknown"] as const)(
    "takes a run that is still %s for lost",
    (state) => {
      expect(findingsOf([{ ...good, state }], []).lost).toEqual(["good"]);
    },
  );

  it("takes a failed run without a dead letter for lost", () => {
    const { lost, deadLettered } = findingsOf([{ ...poisoned, deadLettered: false }], []);
    expect(lost).toEqual(["bad"]);
    expect(deadLettered).toBe(0);
  });

  it("counts second outcomes, and outcomes of runs that nobody enqueued", () => {
    const heard = [{ runId: "stranger", outcomes: 2 }];
    expect(findingsOf([{ ...good, outcomes: 3 }], heard).extraOutcomes).toBe(4);
  });

  it("is surprised by a failure and by a poison that succeeds", () => {
    const failed: RunFact = { ...poisoned, id: "failed", kind: "day" };
    const survived: RunFact = { ...good, id: "survived", kind: "poison" };
    expect(findingsOf([failed, survived], []).surprising).toEqual(["failed", "survived"]);
  });
});
