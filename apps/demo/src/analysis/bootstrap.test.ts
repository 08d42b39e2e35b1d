import { describe, expect, it } from "vitest";
import { bootstrapMean } from "./bootstrap.ts";
import { createRandom } from "./random.ts";

describe("bootstrapMean", () => {
  it("comes close to the interval that theory gives", () => {
    // The values 0 … 99: mean 49.5, deviation 28.87, so 49.5 ± 1.96 × 2.887.
    const values = Array.from({ length: 100 }, (_, index) => index);
    const { low, high } = bootstrapMean(values, 20_000, createRandom(1));
    expect(low).toBeCloseTo(43.84, 0);
    expect(high).toBeCloseTo(55.16, 0);
  });

  it("is a point where nothing varies, and the same for the same seed", () => {
    expect(bootstrapMean([3, 3, 3], 100, createRandom(1))).toEqual({ low: 3, high: 3 });
    const values = [1, 5, 2, 8];
    expect(bootstrapMean(values, 500, createRandom(7))).toEqual(bootstrapMean(values, 500, createRandom(7)));
  });
});
