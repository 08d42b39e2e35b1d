import { expect, test } from "vitest";
import { dueAtOf, Lateness } from "./lateness.ts";

test("lateness is known once all runs have happened, and says how many were early", async () => {
  const lateness = new Lateness(4);
  for (const late of [3, -1, 7, 1]) lateness.note(1_000, 1_000 + late);
  expect(await lateness.figures()).toEqual({ p50Ms: 1, p99Ms: 7, maxMs: 7, early: 1 });
});

test("runs are due evenly within ten seconds", () => {
  expect([0, 1, 999].map((index) => dueAtOf(index, 5_000, 1_000))).toEqual([5_000, 5_010, 14_990]);
});
