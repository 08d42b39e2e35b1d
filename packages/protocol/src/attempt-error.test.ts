import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_ERRORS, readAttemptErrors, withError, type AttemptError } from "./attempt-error.ts";

const failure = (attempt: number): AttemptError => ({
  attempt,
  at: 1_000 + attempt,
  error: { name: "Error", message: `failure ${attempt}` },
});
const failures = (count: number): readonly AttemptError[] =>
  Array.from({ length: count }, (_, at) => failure(at + 1));

describe("the errors that a record keeps", () => {
  test("are all of them while they are few, oldest first", () => {
    expect(withError([], failure(1))).toStrictEqual([failure(1)]);
    expect(withError(failures(MAX_ERRORS - 1), failure(MAX_ERRORS))).toStrictEqual(failures(MAX_ERRORS));
  });

  test("are the first and the last ones when they are many, and never more than MAX_ERRORS", () => {
    fc.assert(
      fc.property(fc.integer({ min: MAX_ERRORS, max: 40 }), (count) => {
        let kept: readonly AttemptError[] = [];
        for (const error of failures(count)) kept = withError(kept, error);
        const last = failures(count).slice(count - MAX_ERRORS + 1);
        expect(kept).toStrictEqual([failure(1), ...last]);
      }),
    );
  });

  test("do not change the list that they were added to", () => {
    const before = failures(MAX_ERRORS);
    withError(before, failure(99));
    expect(before).toStrictEqual(failures(MAX_ERRORS));
  });

  test("are read back, and no more than MAX_ERRORS of them", () => {
    expect(readAttemptErrors(failures(3))).toStrictEqual(failures(3));
    expect(readAttemptErrors(failures(50))).toStrictEqual(failures(MAX_ERRORS));
  });

  test.each([
    ["no map", 5, /the failed attempt is not readable: it is not a map/],
    ["without an attempt", { at: 1, error: {} }, /attempt is not a number/],
    ["without a time", { attempt: 1, at: "now", error: {} }, /at is not a number/],
  ])("are undecodable when one is %s", (_, value, message) => {
    expect(() => readAttemptErrors([failure(1), value])).toThrow(
      expect.objectContaining({ code: "undecodable", message: expect.stringMatching(message) }),
    );
  });
});
