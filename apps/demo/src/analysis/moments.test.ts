import { describe, expect, it } from "vitest";
import { addMoments, correlation, momentsOf, NO_MOMENTS, slope } from "./moments.ts";

describe("moments", () => {
  const line = momentsOf({ distances: [1, 2, 3], delays: [12, 14, 16] });

  it("of chunks add up to those of all their flights", () => {
    const first = momentsOf({ distances: [1], delays: [12] });
    const rest = momentsOf({ distances: [2, 3], delays: [14, 16] });
    expect(addMoments(addMoments(NO_MOMENTS, first), rest)).toEqual(line);
  });

  it("give the line that the flights are on", () => {
    expect(slope(line)).toBeCloseTo(2, 12);
    expect(correlation(line)).toBeCloseTo(1, 12);
    expect(correlation(momentsOf({ distances: [1, 2, 3], delays: [3, 2, 1] }))).toBeCloseTo(-1, 12);
  });

  it("give no line where nothing varies", () => {
    const still = momentsOf({ distances: [5, 5], delays: [1, 2] });
    expect(slope(still)).toBe(0);
    expect(correlation(still)).toBe(0);
  });
});
