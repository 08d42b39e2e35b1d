import { MAX_ERRORS, type AttemptError, type RunMeta } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import type { Ownership } from "../execute/run.ts";
import { errorsOf, outcomeOf, recordBase, type Ending } from "./outcome.ts";

const META: RunMeta = { task: "mail.send", enqueuedAt: 7, origin: "o", attempt: 1, verify: false };
const RUN = { queue: "mail", meta: META };
const FACTS = { workerId: "w", now: 99 };
const ERROR = { name: "Error", message: "boom" };
const EARLIER: AttemptError = { attempt: 1, at: 50, error: { name: "Error", message: "first" } };
const OWNERSHIP: Ownership = { expected: 12, attempt: 2, starts: 3, errors: [EARLIER] };
const BASE = { task: "mail.send", queue: "mail", worker: "w", attempt: 2, starts: 3, at: 99 };

const outcome = (ending: Ending): unknown => outcomeOf(RUN, OWNERSHIP, { ...FACTS, ending });

test("every record says which run it is of, whose it is and what is known of it", () => {
  expect(recordBase(RUN, OWNERSHIP, FACTS)).toStrictEqual({ ...BASE, errors: [EARLIER] });
});

describe("the errors of a run", () => {
  test("end with the one of the attempt that ended now", () => {
    expect(errorsOf(OWNERSHIP, ERROR, 99)).toStrictEqual([EARLIER, { attempt: 2, at: 99, error: ERROR }]);
  });

  test("are bounded: the first and the last ones are kept", () => {
    const errors = Array.from({ length: MAX_ERRORS }, (_, index) => ({ ...EARLIER, attempt: index + 1 }));
    const kept = errorsOf({ ...OWNERSHIP, attempt: 11, errors }, ERROR, 99);
    expect(kept.map(({ attempt }) => attempt)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe("the outcome of a run", () => {
  test("that succeeded holds its result and when it began, and keeps its earlier errors", () => {
    const result = new Uint8Array([1]);
    expect(outcome({ state: "succeeded", startedAt: 80, result })).toStrictEqual({
      ...BASE,
      state: "succeeded",
      errors: [EARLIER],
      fence: 12,
      enqueuedAt: 7,
      startedAt: 80,
      result,
    });
  });

  test("of a handler that returned nothing has no result", () => {
    expect(outcome({ state: "succeeded", result: new Uint8Array() })).not.toHaveProperty("result");
  });

  test("that failed holds its last error and why it is a dead letter", () => {
    expect(outcome({ state: "failed", startedAt: 80, error: ERROR, deadLetter: "exhausted" })).toStrictEqual({
      ...BASE,
      state: "failed",
      errors: [EARLIER, { attempt: 2, at: 99, error: ERROR }],
      fence: 12,
      enqueuedAt: 7,
      startedAt: 80,
      deadLetter: "exhausted",
    });
  });

  test.each<[Ending["state"], boolean]>([
    ["failed", true],
    ["expired", true],
    ["succeeded", false],
    ["cancelled", false],
  ])("that is %s says who hears of it: %s", (state, told) => {
    const onFailure = { task: "mail.sorry", queue: "mail" };
    const run = { ...RUN, meta: { ...META, onFailure } };
    const { onFailure: found } = outcomeOf(run, OWNERSHIP, { ...FACTS, ending: { state } });
    expect(found).toEqual(told ? onFailure : undefined);
  });

  test("that never started says why, and nothing else", () => {
    expect(outcome({ state: "expired", reason: "too late" })).toStrictEqual({
      ...BASE,
      state: "expired",
      errors: [EARLIER],
      fence: 12,
      enqueuedAt: 7,
      reason: "too late",
    });
  });
});
