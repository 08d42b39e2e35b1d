import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRunId } from "../names.ts";
import { checkScheduleId, firedRunId, jitterOf, MAX_SCHEDULE_ID } from "./schedule-definition.ts";
import { armedTickSubject, firedTickSubject, parseTickSubject } from "./tick.ts";
import { parseRunSubject, taskStreamSubjects } from "../subjects.ts";

const LATEST = Date.parse("9999-12-31T23:59:59.999Z");
const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);

describe("the id of a schedule", () => {
  test.each(["good-night", "a", "A_1", "x".repeat(MAX_SCHEDULE_ID)])("may be %s", (id) => {
    expect(checkScheduleId(id)).toBe(id);
  });

  test.each(["", "a.b", "a b", "*", ">", "ä", "x".repeat(MAX_SCHEDULE_ID + 1), 5, undefined])(
    "may not be %j",
    (id) => {
      expect(() => checkScheduleId(id)).toThrow(/^id: expected the id of a schedule/);
    },
  );
});

describe("the id of a run that a schedule makes", () => {
  test("tells the schedule and the time", () => {
    expect(firedRunId("good-night", Date.parse("2026-11-24T22:00:00Z"))).toBe("good-night-20261124T220000Z");
    expect(firedRunId("good-night", Date.parse("2026-11-24T22:00:00.5Z"))).toBe(
      "good-night-20261124T220000500Z",
    );
  });

  test("is a run id whatever the schedule and the time, and another one for each", () => {
    const time = fc.integer({ min: 0, max: LATEST });
    fc.assert(
      fc.property(ids, time, time, (id, one, other) => {
        expect(isRunId(firedRunId(id, one))).toBe(true);
        expect(firedRunId(id, one) === firedRunId(id, other)).toBe(one === other);
      }),
    );
  });
});

test("jitter is the same for the same run, and spreads others over all of its length", () => {
  const delays = Array.from({ length: 1_000 }, (_, index) =>
    jitterOf(firedRunId("s", index * 60_000), 10_000),
  );
  expect(delays).toEqual(
    Array.from({ length: 1_000 }, (_, index) => jitterOf(firedRunId("s", index * 60_000), 10_000)),
  );
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
  const tenths = new Set(delays.map((delay) => Math.floor(delay / 1_001)));
  expect(tenths.size).toBe(10);
});

describe("the subjects of ticks", () => {
  test("are of the tasks stream, tell their schedule, and are no run's", () => {
    fc.assert(
      fc.property(ids, (id) => {
        for (const subject of [armedTickSubject("umbel", id), firedTickSubject("umbel", id)]) {
          expect(parseTickSubject(subject)).toBe(id);
          expect(parseRunSubject(subject)).toBeUndefined();
          expect(subject.split(".")).toHaveLength(6);
          expect(isRunId(subject.split(".").at(-1) ?? "")).toBe(false);
        }
      }),
    );
    expect(taskStreamSubjects("umbel")).toContain("umbel.S.*.*.*.*");
  });

  test.each([
    "umbel.T.default.n.a.x",
    "umbel.S.-.c.tick.x",
    "umbel.K.-.c.tick.~x",
    "umbel.T.-.c.tick.~",
    "x",
  ])("are not %s", (subject) => {
    expect(parseTickSubject(subject)).toBeUndefined();
  });
});
