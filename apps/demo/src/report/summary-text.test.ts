import { describe, expect, it } from "vitest";
import type { Summary } from "../summary/summary.ts";
import { summaryLines } from "./summary-text.ts";

const summary: Summary = {
  ok: true,
  enqueued: 710,
  succeeded: 708,
  retried: 28,
  deadLettered: 2,
  lost: 0,
  extraOutcomes: 0,
  wallMs: 5_200,
  idealMs: 5_000,
  recoveryMs: 4_960,
  loopDelayP99Ms: 2.3,
  inlineLoopDelayP99Ms: 61.5,
  recovered: 1,
  mails: { expected: 224, arrived: 226 },
  cores: 2,
  threads: 2,
  slots: 32,
  answer: {
    flights: 200_000,
    meanDelay: 7.53,
    bestDeparture: { key: "05:55", flights: 1_402, mean: -3.67, low: -4.28, high: -3.07 },
    worstDeparture: undefined,
    leastDelayedAirport: undefined,
    mostDelayedAirport: undefined,
    minutesPer1000Miles: -0.8,
    explainedByDistance: 0.0002,
  },
  promises: [
    { promise: "one", kept: true, evidence: "1 of 1" },
    { promise: "another", kept: true, evidence: "2 of 2" },
  ],
};

describe("summaryLines", () => {
  const text = summaryLines(summary).join("\n");

  it("says in words what was counted and measured", () => {
    expect(text).toContain("710 enqueued, 708 succeeded, 2 dead-lettered, 0 lost");
    expect(text).toContain("226 arrived of 224 (2 again, after the kill)");
    expect(text).toContain("5.2 s without faults; ideal, on bare threads: 5.0 s (× 1.04)");
    expect(text).toContain("delay p99 2.3 ms beside the threads; 61.5 ms with the same work on the loop");
    expect(text).toContain("5.0 s from the kill until its 1 run had started again");
  });

  it("gives the answer, as far as there is one", () => {
    expect(text).toContain("200,000, 7.5 min late on average");
    expect(text).toContain("05:55, 3.7 min early (95 %: -4.3 to -3.1; 1402 flights)");
    expect(text).toContain("too few flights to say");
  });

  it("lists the promises below each other, and which one was broken", () => {
    expect(text).toContain("  ✓ one      1 of 1\n  ✓ another  2 of 2\n\nEvery promise was kept.");
    const broken = { ...summary, ok: false, promises: [{ promise: "one", kept: false, evidence: "none" }] };
    expect(summaryLines(broken).join("\n")).toContain("  ✗ one  none\n\nNOT every promise was kept");
  });
});
