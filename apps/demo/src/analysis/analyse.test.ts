import { describe, expect, it } from "vitest";
import { analyse, analysisInput, analysisOutput } from "./analyse.ts";

const chunk = { key: "06:00", delays: [1, 2, 3, 30], distances: [10, 20, 30, 300], rounds: 500 };

describe("analyse", () => {
  it("says how late a chunk's flights are, and how sure that is", () => {
    const analysis = analyse(chunk);
    expect(analysis.mean).toBe(9);
    expect(analysis.low).toBeLessThan(9);
    expect(analysis.high).toBeGreaterThan(9);
    expect(analysis.correlation).toBeCloseTo(1, 3);
    expect(analysis.moments).toMatchObject({ count: 4, x: 360, y: 36 });
  });

  it("comes to the same numbers every time, and to others for another chunk", () => {
    expect(analyse(chunk)).toEqual(analyse(chunk));
    expect(analyse({ ...chunk, key: "06:05" }).low).not.toBe(analyse(chunk).low);
  });

  it("works for a single flight", () => {
    const one = analyse({ key: "02:40", delays: [4], distances: [9], rounds: 10 });
    expect(one).toMatchObject({ mean: 4, low: 4, high: 4, correlation: 0, pValue: 1 });
  });
});

describe("the schemas", () => {
  it("let through what analyse takes and gives", () => {
    expect(analysisInput.parse(chunk)).toEqual(chunk);
    expect(analysisOutput.parse(analyse(chunk))).toEqual(analyse(chunk));
  });

  it("refuse a chunk without flights", () => {
    expect(analysisInput.safeParse({ ...chunk, delays: [] }).success).toBe(false);
  });
});
