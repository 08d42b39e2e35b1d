import { describe, expect, it } from "vitest";
import { permutationTest } from "./permutation.ts";
import { createRandom } from "./random.ts";

describe("permutationTest", () => {
  const distances = [1, 2, 3, 4, 5, 6, 7, 8];

  it("finds a perfect line most unlikely", () => {
    expect(permutationTest({ distances, delays: distances }, 2_000, createRandom(1))).toBeLessThan(0.005);
  });

  it("finds no line in no correlation", () => {
    const delays = [1, 2, 2, 1, 1, 2, 2, 1];
    expect(permutationTest({ distances, delays }, 2_000, createRandom(1))).toBe(1);
  });

  it("comes to the exact share where there are few orders", () => {
    // Of the six orders of three delays, two are as strong as the sorted one.
    const p = permutationTest({ distances: [1, 2, 3], delays: [1, 2, 3] }, 30_000, createRandom(3));
    expect(p).toBeCloseTo(2 / 6, 1);
  });

  it("takes delays that do not vary for chance", () => {
    expect(permutationTest({ distances: [1, 2], delays: [4, 4] }, 100, createRandom(1))).toBe(1);
  });
});
