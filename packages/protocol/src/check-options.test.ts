import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkFields, checkWholeNumber, nearestName } from "./check-options.ts";

const KNOWN = ["timeout", "retry", "queue", "maxAttempts"];

describe("the fields of an options object", () => {
  test("may be any of the known ones, or none", () => {
    expect(() => checkFields({}, "task", KNOWN)).not.toThrow();
    expect(() => checkFields({ queue: 1, retry: undefined }, "task", KNOWN)).not.toThrow();
  });

  test("that are not known are refused, with the nearest known one", () => {
    expect(() => checkFields({ queue: 1, timout: "5s" }, "task", KNOWN)).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        message:
          'task.timout: expected one of timeout, retry, queue, maxAttempts, received "5s". Did you mean "timeout"?',
      }),
    );
  });

  test("that are like no known one are refused without a guess", () => {
    expect(() => checkFields({ colour: 1 }, "task", KNOWN)).toThrow(/^task\.colour: [^?]*$/);
  });

  test.each([undefined, null, 5, "text", [["queue", 1]], () => 1])(
    "must be those of an object, not of %j",
    (value) => {
      expect(() => checkFields(value, "task", KNOWN)).toThrow(
        /^task: expected an object of options, received /,
      );
    },
  );
});

describe("a whole number in a range", () => {
  const range = { least: 1, most: 5 };

  test("is accepted from the least to the most", () => {
    expect([1, 3, 5].map((value) => checkWholeNumber(value, "n", range))).toEqual([1, 3, 5]);
  });

  test.each([0, 6, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3", null, undefined, 3n])(
    "is not %s",
    (value) => {
      expect(() => checkWholeNumber(value, "slots", range)).toThrow(
        expect.objectContaining({
          code: "invalid_argument",
          message: expect.stringMatching(/^slots: expected a whole number from 1 to 5, received /),
        }),
      );
    },
  );
});

describe("the nearest name", () => {
  test.each([
    ["timeout", "timeout"],
    ["timout", "timeout"],
    ["Timeout", "timeout"],
    ["maxattempt", "maxAttempts"],
    ["qeue", "queue"],
    ["rety", "retry"],
    ["colour", undefined],
    ["", undefined],
    ["x".repeat(200), undefined],
  ])("to %j is %j", (name, nearest) => {
    expect(nearestName(name, KNOWN)).toBe(nearest);
  });

  test("is the nearest one of several, and the first of equals", () => {
    expect(nearestName("retries", ["retrieve", "retried", "retrier"])).toBe("retried");
    expect(nearestName("any", [])).toBeUndefined();
  });

  test("to a name with one letter wrong, missing or too many is that name", () => {
    const letters = "abcdefgh".split("");
    const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom("", "z", "zz"), (name, seed, typo) => {
        const at = seed % name.length;
        const misspelt =
          typo === "zz"
            ? `${name.slice(0, at)}z${name.slice(at)}`
            : name.slice(0, at) + typo + name.slice(at + 1);
        expect(nearestName(misspelt, [name])).toBe(name);
      }),
    );
  });
});
