import { describe, expect, it } from "vitest";
import { sizesFor, threadsOf } from "./sizes.ts";

describe("sizesFor", () => {
  it.each([
    [1, [1, 1]],
    [2, [1, 1]],
    [3, [2, 1]],
    [8, [4, 4]],
    [96, [8, 8]],
  ] as const)("shares %i cores between two workers", (cores, threads) => {
    const sizes = sizesFor(cores);
    expect(sizes.threads).toEqual(threads);
    expect(threadsOf(sizes)).toBe(threads[0] + threads[1]);
  });
});
