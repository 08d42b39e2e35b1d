import * as fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { MAX_DURATION_MS, parseDuration, parsePositiveDuration, type Duration } from "./duration.ts";

const refused = (field: string, received: unknown): unknown =>
  expect.objectContaining({
    code: "invalid_argument",
    message: expect.stringMatching(
      `^${field}: expected milliseconds as a number of 0 or more, or text like "250ms"`,
    ),
    details: expect.objectContaining({ field, received }),
  });

describe("a duration", () => {
  test.each<[Duration, number]>([
    [0, 0],
    [250, 250],
    [1.4, 1],
    ["0ms", 0],
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["3650d", MAX_DURATION_MS],
  ])("%j is %i ms", (text, ms) => {
    expect(parseDuration(text, "timeout")).toBe(ms);
  });

  test("may have white space around it", () => {
    expect(parseDuration(" 5s ", "timeout")).toBe(5_000);
  });

  test("is the same number of milliseconds as text and as a number", () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(parseDuration(`${ms}ms`, "timeout")).toBe(parseDuration(ms, "timeout"));
      }),
    );
  });

  test("is whole, and never below 0 or above ten years, whatever is accepted", () => {
    const units = fc.constantFrom("ms", "s", "m", "h", "d", "", "w", "S");
    const anything = fc.oneof(
      fc.double(),
      fc.tuple(fc.double(), units).map(([amount, unit]) => `${amount}${unit}`),
    );
    fc.assert(
      fc.property(anything, (value) => {
        expect(msOf(value)).toSatisfy(
          (ms: number) => Number.isInteger(ms) && ms >= 0 && ms <= MAX_DURATION_MS,
        );
      }),
    );
  });

  function msOf(value: unknown): number {
    try {
      return parseDuration(value, "timeout");
    } catch {
      return 0;
    }
  }

  test.each([
    [-1, "-1"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [MAX_DURATION_MS + 1, "315360000001"],
    ["", '""'],
    ["5", '"5"'],
    ["s", '"s"'],
    ["-5s", '"-5s"'],
    ["5 s", '"5 s"'],
    ["5S", '"5S"'],
    ["5 minutes", '"5 minutes"'],
    ["1e3ms", '"1e3ms"'],
    ["1h30m", '"1h30m"'],
    ["3651d", '"3651d"'],
    [null, "null"],
    [undefined, "undefined"],
    [5n, "5n"],
    [{ seconds: 5 }, '{"seconds":5}'],
  ])("is not %o, and the error names field, value and what is expected", (value, shown) => {
    expect(() => parseDuration(value, "task.timeout")).toThrow(refused("task.timeout", shown));
  });

  test("that must be positive is not 0, nor what rounds to it", () => {
    expect(parsePositiveDuration("1ms", "timeout")).toBe(1);
    for (const value of [0, "0s", 0.4]) {
      expect(() => parsePositiveDuration(value, "timeout")).toThrow(
        /^timeout: expected a duration above 0, received/,
      );
    }
    expect(() => parsePositiveDuration("soon", "timeout")).toThrow(refused("timeout", '"soon"'));
  });

  test("has a type that knows its units", () => {
    expectTypeOf<"5m">().toExtend<Duration>();
    expectTypeOf<"5 minutes">().not.toExtend<Duration>();
    expectTypeOf<bigint>().not.toExtend<Duration>();
  });
});
