import { describe, expect, it } from "vitest";
import { sizesFor } from "../sizes.ts";
import { answerOf } from "./answer.ts";
import type { Evidence } from "./promises.ts";
import { summarise } from "./summary.ts";

const evidence: Evidence = {
  findings: {
    enqueued: 10,
    succeeded: 7,
    retried: 6,
    deadLettered: 2,
    lost: ["gone"],
    extraOutcomes: 0,
    surprising: [],
  },
  server: { waiting: 0, deadLetters: 2 },
  faultFree: { runs: 5, wallMs: 110.4, idealMs: 99.6, loopDelayP99Ms: 2.345 },
  faults: { runs: 5, killed: "worker-1", orphaned: 3, recovered: 3, lastMs: 4_900 },
  inlineLoopDelayP99Ms: 60.06,
  mails: { expected: 4, missing: 0, arrived: 5 },
  complete: true,
  poisonRuns: 2,
  ackWaitMs: 5_000,
};

describe("summarise", () => {
  const parts = { evidence, answer: answerOf([]), sizes: sizesFor(4) };
  const kept = { promise: "one", kept: true, evidence: "" };

  it("says what was counted and measured", () => {
    expect(summarise({ ...parts, promises: [kept] })).toMatchObject({
      ok: true,
      enqueued: 10,
      succeeded: 7,
      retried: 6,
      deadLettered: 2,
      lost: 1,
      extraOutcomes: 0,
      wallMs: 110,
      idealMs: 100,
      recoveryMs: 4_900,
      loopDelayP99Ms: 2.3,
      inlineLoopDelayP99Ms: 60.1,
      threads: 4,
      cores: 4,
    });
  });

  it("is only ok when every promise was kept", () => {
    expect(summarise({ ...parts, promises: [kept, { ...kept, kept: false }] }).ok).toBe(false);
    expect(summarise({ ...parts, promises: [] }).ok).toBe(false);
  });
});
