import { expect, test } from "vitest";
import type { EndRecord, EndSchedule } from "../history/entries.ts";
import {
  acked,
  asked,
  broken,
  executed,
  expectBroken,
  OF_FEATURES,
  operation,
  seen,
  succeeded,
  type Scene,
} from "./story.test.helper.ts";

test("a debounced run has the last of its inputs, and waits from then on", () => {
  const of = (value: number, startedAt: number): Scene => ({
    operations: [1, 2, 3].map((n) => operation(n, "debounced", { key: "d" })),
    entries: [
      asked(1, 0),
      acked(1, 5),
      asked(2, 500),
      { what: "acked", n: 2, runId: "r1", existed: true, at: 505 },
      asked(3, 600),
      { what: "refused", n: 3, code: "unconfirmed", at: 650 },
      ...executed(1, [startedAt, startedAt + 9]),
    ],
    records: { r1: succeeded(value) },
  });
  expect(broken(of(2, 1_500))).toEqual([]);
  // It may be stored, although nobody knows.
  expect(broken(of(3, 1_600))).toEqual([]);
  expectBroken("the last of the debounced", of(1, 1_500));
  expectBroken("no early start", of(2, 1_400));
});

test("a dead run is redriven once, and its letter may be gone then", () => {
  const of = (redriven: readonly string[], record: EndRecord = succeeded(1)): Scene => ({
    operations: [operation(1, "redriven", { failures: 3 })],
    entries: [
      asked(1, 0),
      acked(1, 5),
      { what: "redriving", n: 1, redriveOf: "r1", at: 90 },
      ...redriven.map(
        (runId, at) => ({ what: "redriven", n: 1, redriveOf: "r1", runId, at: 91 + at }) as const,
      ),
    ],
    records: { r1: { state: "failed", attempt: 3 }, again: record, other: succeeded(1) },
  });
  expect(broken(of(["again", "again"]))).toEqual([]);
  expect(broken({ ...of([]), end: { deadLetters: ["r1"] } })).toEqual([]);
  expectBroken("redriven once", of(["again", "other"]));
  expectBroken("redriven once", of(["again"], succeeded(2)));
  expectBroken("no acknowledged enqueue lost", of(["nowhere"]));
});

test("each firing of a schedule makes one run, in time", () => {
  const run = (n: number) => ({ runId: `r${n}`, fireAt: n * 1_000 });
  const of = (rest: Partial<EndSchedule>, startedAt = 1_000, value = 7): Scene => ({
    operations: [operation(7, "scheduled")],
    entries: [
      asked(7, 0),
      { what: "scheduled", n: 7, scheduleId: "s", at: 5 },
      ...executed(1, [startedAt, startedAt + 9]),
    ],
    records: { r1: succeeded(7), r2: succeeded(value) },
    end: {
      schedules: new Map([["s", { state: "ended", missedCount: 0, runs: [run(1), run(2)], ...rest }]]),
    },
  });
  expect(broken(of({}))).toEqual([]);
  expectBroken("one run for each firing", { ...of({}), end: {} });
  expectBroken("one run for each firing", of({ state: "active" }));
  expectBroken("one run for each firing", of({ missedCount: 1 }));
  expectBroken("one run for each firing", of({ runs: [run(1)] }));
  expectBroken("one run for each firing", of({ runs: [run(1), run(1)] }));
  expectBroken("one run for each firing", of({}, 1_000, 8));
  expectBroken("no early start", of({}, 990));
});

test("every promise about them was shown broken", () => {
  expect([...seen]).toEqual(expect.arrayContaining([...OF_FEATURES]));
});
