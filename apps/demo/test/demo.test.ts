import { describe, expect, it } from "vitest";
import { loadDataSet } from "../src/data-set/data-set.ts";
import { FLAKY_FAILURES, POISON_ATTEMPTS } from "../src/tasks.ts";
import { DemoProcess } from "./helpers/demo-process.ts";

const FLAKY = 12;
const POISONOUS = 2;

describe("npm run demo -- --quick --json", () => {
  it("kills a worker on the way, keeps every promise, and comes to the same answer every time", async () => {
    await using demo = new DemoProcess(["--quick", "--json"]);
    const code = await demo.ended();
    if (code !== 0) throw new Error(`the demo ended with ${code}:\n${demo.stderr}\n${demo.stdout}`);
    expect(demo.lastLine).toMatchObject({
      ok: true,
      deadLettered: POISONOUS,
      retried: FLAKY * FLAKY_FAILURES + POISONOUS * (POISON_ATTEMPTS - 1),
      lost: 0,
      extraOutcomes: 0,
      answer: ANSWER,
      promises: Array.from({ length: 8 }, () => expect.objectContaining({ kept: true })),
    });
    expect(demo.stdout.trimEnd().split("\n")).toHaveLength(1);
    await expectCounts(demo.lastLine);
    expectMeasures(demo.lastLine);
  }, 180_000);
});

/** The data do not change, and neither do the seeds. */
const ANSWER = {
  flights: 50_347,
  meanDelay: 7.761,
  bestDeparture: { key: "06:40", flights: 1_177, mean: -1.68 },
  worstDeparture: { key: "22:00", flights: 567, mean: 18.86 },
  leastDelayedAirport: { key: "CLE", flights: 178, mean: 2.39, low: -0.91, high: 5.98 },
  mostDelayedAirport: { key: "JFK", flights: 200, mean: 16.2, low: 10.38, high: 22.59 },
  minutesPer1000Miles: -0.552,
  explainedByDistance: 0.0001,
};

async function expectCounts(summary: unknown): Promise<void> {
  const { departures, airports, days } = await loadDataSet("quick");
  const mails = airports.length + days.length;
  const least = departures.length + airports.length + mails + FLAKY + POISONOUS;
  const enqueued = numberOf(summary, "enqueued");
  // And what warmed the threads up and ran on the loop.
  expect(enqueued).toBeGreaterThan(least);
  expect(numberOf(summary, "succeeded")).toBe(enqueued - POISONOUS);
  expect(summary).toMatchObject({ mails: { expected: mails } });
}

function expectMeasures(summary: unknown): void {
  const names = ["wallMs", "idealMs", "recoveryMs", "inlineLoopDelayP99Ms", "recovered", "threads", "slots"];
  expect(names.filter((name) => !(numberOf(summary, name) > 0))).toEqual([]);
  expect(numberOf(summary, "loopDelayP99Ms")).toBeLessThan(numberOf(summary, "inlineLoopDelayP99Ms"));
}

function numberOf(summary: unknown, name: string): number {
  const value: unknown =
    typeof summary === "object" && summary !== null ? Reflect.get(summary, name) : undefined;
  return typeof value === "number" ? value : Number.NaN;
}
