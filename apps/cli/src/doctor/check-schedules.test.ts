import type { NamedSchedule } from "@umbel/broker";
import { expect, test } from "vitest";
import { checkSchedules } from "./check-schedules.ts";

const HOUR_MS = 3_600_000;

function hourly(id: string, paused = false): NamedSchedule {
  const run = { task: "t", queue: "q", priority: "normal", input: new Uint8Array() } as const;
  const definition = {
    rule: { kind: "every", everyMs: HOUR_MS },
    run,
    catchUp: "latest",
    catchUpLimit: 1,
    overlap: "allow",
  } as const;
  const lists = { pending: [], runs: [], missed: [] };
  const counts = { version: 1, createdAt: 0, changedAt: 0, cursor: 0, fired: 0, missedCount: 0 };
  return {
    id,
    sequence: 1,
    record: { definition, ...counts, ...lists, ...(paused ? { paused: { at: 0 } } : {}) },
  };
}

test("without schedules nothing is said", () => {
  expect(checkSchedules([], 0)).toEqual([]);
});

test("schedules that fire in time are well, paused ones too", () => {
  const all = [hourly("a"), hourly("b", true)];
  expect(checkSchedules(all, HOUR_MS + 60_000)).toEqual([
    { name: "schedules", status: "ok", message: "2 schedules, none overdue" },
  ]);
});

test("one that is overdue for more than a minute fails", () => {
  expect(checkSchedules([hourly("b", true), hourly("a")], HOUR_MS + 61_000)).toMatchObject([
    { status: "fail", message: "1 schedule is overdue, such as a (due 1 min 1 s ago)" },
  ]);
});
