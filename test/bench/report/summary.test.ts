import { describe, expect, test } from "vitest";
import { summarize } from "./summary.ts";

const ROUNDS = [
  { raw: { rate: 100 }, ours: { rate: 50 } },
  { raw: { rate: 200 }, ours: { rate: 160 } },
  { raw: { rate: 10 }, ours: { rate: 7 } },
];

describe("the summary of a scenario", () => {
  test("has the medians of both sides", () => {
    expect(summarize({ gates: [] }, ROUNDS)).toMatchObject({ ours: { rate: 50 }, raw: { rate: 100 } });
  });

  test("has the median of each round's ratio, not the ratio of the medians", () => {
    expect(summarize({ gates: [] }, ROUNDS).ratios["rate"]).toBeCloseTo(0.7, 10);
  });

  test("says of each gate what it compares and whether it holds", () => {
    const gates = [
      { figure: "rate", of: "ratio", least: 0.65 },
      { figure: "rate", of: "ours", least: 10, most: 40 },
    ] as const;
    const { gates: judged, holds } = summarize({ gates }, ROUNDS);
    expect(judged).toEqual([
      { gate: "ratio of rate >= 0.65", value: expect.closeTo(0.7, 10), holds: true },
      { gate: "rate >= 10 and <= 40", value: 50, holds: false },
    ]);
    expect(holds).toBe(false);
  });

  test("of a scenario without a raw side has neither raw figures nor ratios", () => {
    const gates = [{ figure: "leftovers", of: "ours", most: 0 }] as const;
    const summary = summarize({ gates }, [{ ours: { leftovers: 0 } }]);
    expect(summary).toMatchObject({ raw: undefined, ratios: {}, holds: true });
  });

  test("refuses a gate on something that was not measured", () => {
    const gates = [{ figure: "rat", of: "ratio", least: 1 }] as const;
    expect(() => summarize({ gates }, ROUNDS)).toThrow("ratio of rat");
  });

  test("a figure that is not a number passes no gate", () => {
    const gates = [{ figure: "rate", of: "ours", most: 1 }] as const;
    expect(summarize({ gates }, [{ ours: { rate: NaN } }]).holds).toBe(false);
  });
});
