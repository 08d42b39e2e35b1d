import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lookahead } from "./lookahead.ts";

function observed(slots: number, durations: readonly number[]): Lookahead {
  const lookahead = new Lookahead(slots);
  for (const duration of durations) lookahead.observe(duration);
  return lookahead;
}

const times = (count: number, durationMs: number): number[] =>
  Array.from({ length: count }, () => durationMs);

describe("how many runs are held beyond the slots", () => {
  test("is none before sixteen handlers were measured", () => {
    expect(observed(50, []).size).toBe(0);
    expect(observed(50, times(15, 1)).size).toBe(0);
    expect(observed(50, times(16, 1)).size).toBeGreaterThan(0);
  });

  test.each([
    [10, 2, 100],
    [10, 10, 20],
    [1, 1, 20],
    [50, 5, 200],
  ])("is 20 ms of work: with %i slots and handlers of %f ms, %i runs", (slots, durationMs, expected) => {
    expect(observed(slots, times(200, durationMs)).size).toBe(expected);
  });

  test("is none for handlers of 10 ms and more: what is held here cannot start elsewhere", () => {
    expect(observed(50, times(200, 9)).size).toBeGreaterThan(0);
    expect(observed(50, times(200, 10.1)).size).toBe(0);
    expect(observed(50, times(200, 5_000)).size).toBe(0);
  });

  test("is a thousand at most, also for handlers that take no time at all", () => {
    expect(observed(50, times(200, 0)).size).toBe(1_000);
    expect(observed(10_000, times(200, 1)).size).toBe(1_000);
  });

  test("shrinks with one slow handler, and is none after several", () => {
    const before = observed(10, times(200, 1)).size;
    const once = observed(10, [...times(200, 1), 60_000]).size;
    expect(once).toBeGreaterThan(0);
    expect(once).toBeLessThan(before / 2);
    expect(observed(10, [...times(200, 1), ...times(7, 60_000)]).size).toBe(0);
  });

  test("is none at once when what was held did not begin, and comes back with many quick handlers", () => {
    const lookahead = observed(10, times(200, 1));
    lookahead.distrust();
    expect(lookahead.size).toBe(0);
    for (const duration of times(5, 1)) lookahead.observe(duration);
    expect(lookahead.size).toBe(0);
    for (const duration of times(100, 1)) lookahead.observe(duration);
    expect(lookahead.size).toBeGreaterThan(190);
  });

  test("is a whole number from 0 to 1000, whatever handlers take", () => {
    const durations = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), durations, (slots, measured) => {
        const { size } = observed(slots, measured);
        expect(size).toSatisfy(Number.isInteger);
        expect(size).toBeGreaterThanOrEqual(0);
        expect(size).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});
