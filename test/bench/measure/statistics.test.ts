import { describe, expect, test } from "vitest";
import { median, percentile, relativeGrowth } from "./statistics.ts";

describe("median", () => {
  test("is the middle value, whatever the order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test("is the mean of the two in the middle when their number is even", () => {
    expect(median([10, 1, 2, 4])).toBe(3);
  });

  test("sorts as numbers, not as text, and leaves its input alone", () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test("of no values is an error, not NaN", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  test("is the nearest rank", () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile([7, 3], 99)).toBe(7);
  });

  test("reaches from the least to the greatest value", () => {
    expect(percentile(hundred, 0)).toBe(1);
    expect(percentile(hundred, 100)).toBe(100);
  });

  test("of no values is an error, not NaN", () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
  });
});

describe("relativeGrowth", () => {
  test("is the growth along a straight line as a part of the first value", () => {
    const samples = [100, 105, 110].map((value, index) => ({ done: index * 100_000, value }));
    expect(relativeGrowth(samples)).toBeCloseTo(0.1, 10);
  });

  test("is not fooled by one high sample in the middle", () => {
    const samples = [100, 100, 160, 100, 100].map((value, index) => ({ done: index, value }));
    expect(relativeGrowth(samples)).toBeCloseTo(0, 10);
  });

  test("is negative when the value falls", () => {
    expect(
      relativeGrowth([
        { done: 1, value: 10 },
        { done: 2, value: 9 },
      ]),
    ).toBeCloseTo(-0.1, 10);
  });

  test("of one sample, or of samples at one time, is an error", () => {
    expect(() => relativeGrowth([{ done: 1, value: 1 }])).toThrow(RangeError);
    expect(() =>
      relativeGrowth([
        { done: 1, value: 1 },
        { done: 1, value: 2 },
      ]),
    ).toThrow(RangeError);
  });
});
