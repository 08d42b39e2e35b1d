import { expect, test } from "vitest";
import { openLoop, paceOf } from "./open-loop.ts";

test("things are due evenly, the first at once, and never more than there are", () => {
  const pace = paceOf(4, 1_000);
  expect([0, 1, 3].map(pace.dueMs)).toEqual([0, 1, 3]);
  expect([0, 0.9, 1, 2.5, 99].map(pace.dueBy)).toEqual([1, 1, 2, 3, 4]);
});

test("work begins whether or not that before has ended, and its waiting counts", async () => {
  const gate = Promise.withResolvers<void>();
  const begun: number[] = [];
  const figures = openLoop(paceOf(5, 1_000), async (index) => {
    begun.push(index);
    if (begun.length === 5) gate.resolve();
    await gate.promise;
  });
  // All five had to begin before the first could end.
  const { p99Ms, maxMs } = await figures;
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(maxMs).toBe(p99Ms);
  expect(maxMs).toBeGreaterThanOrEqual(4);
});

test("the first failure is the failure of all", async () => {
  const work = (index: number): Promise<void> =>
    index === 1 ? Promise.reject(new Error("lost")) : Promise.resolve();
  await expect(openLoop(paceOf(3, 1_000), work)).rejects.toThrow("lost");
});
