import { describe, expect, it } from "vitest";
import { checkPromises, type Evidence } from "./promises.ts";

const good: Evidence = {
  findings: {
    enqueued: 10,
    succeeded: 8,
    retried: 6,
    deadLettered: 2,
    lost: [],
    extraOutcomes: 0,
    surprising: [],
  },
  server: { waiting: 0, deadLetters: 2 },
  faultFree: { runs: 5, wallMs: 110, idealMs: 100, loopDelayP99Ms: 2 },
  faults: { runs: 5, killed: "worker-1", orphaned: 3, recovered: 3, lastMs: 4_900 },
  inlineLoopDelayP99Ms: 60,
  mails: { expected: 4, missing: 0, arrived: 5 },
  complete: true,
  poisonRuns: 2,
  ackWaitMs: 5_000,
};

describe("checkPromises", () => {
  it("finds all of them kept when all is well", () => {
    expect(broken(good)).toEqual([]);
  });

  it.each<[string, Partial<Evidence>]>([
    ["lost", { findings: { ...good.findings, lost: ["a"] } }],
    ["lost", { findings: { ...good.findings, enqueued: 0 } }],
    ["lost", { server: { ...good.server, waiting: 1 } }],
    ["one outcome", { findings: { ...good.findings, extraOutcomes: 1 } }],
    ["as it should", { findings: { ...good.findings, surprising: ["a"] } }],
    ["as it should", { findings: { ...good.findings, retried: 0 } }],
    ["dead letters", { findings: { ...good.findings, deadLettered: 1 } }],
    ["dead letters", { server: { ...good.server, deadLetters: 3 } }],
    ["start again", { faults: { ...good.faults, lastMs: 7_001 } }],
    ["start again", { faults: { ...good.faults, recovered: 2 } }],
    ["start again", { faults: { ...good.faults, orphaned: 0, recovered: 0 } }],
    ["event loop", { inlineLoopDelayP99Ms: 1 }],
    ["mail", { mails: { ...good.mails, missing: 1 } }],
    ["counts every flight", { complete: false }],
  ])("finds the promise about %s broken", (words, wrong) => {
    const promises = broken({ ...good, ...wrong });
    expect(promises).toHaveLength(1);
    expect(promises[0]).toContain(words);
  });
});

function broken(evidence: Evidence): readonly string[] {
  return checkPromises(evidence)
    .filter(({ kept }) => !kept)
    .map(({ promise }) => promise);
}
