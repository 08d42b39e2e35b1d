import { describe, expect, it } from "vitest";
import { createRandom, seedOf } from "./random.ts";

describe("createRandom", () => {
  it("repeats itself for the same seed and differs for another", () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("draws evenly between 0 and 1", () => {
    const random = createRandom(seedOf("even"));
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draws = 0; draws < 100_000; draws++) {
      const bucket = Math.floor(random() * 10);
      counts[bucket] = (counts[bucket] ?? Number.NaN) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe("seedOf", () => {
  it("is the published FNV-1a hash", () => {
    expect(seedOf("")).toBe(0x811c9dc5);
    expect(seedOf("a")).toBe(0xe40c292c);
    expect(seedOf("foobar")).toBe(0xbf9cf968);
  });
});
