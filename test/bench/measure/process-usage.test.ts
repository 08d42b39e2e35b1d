import { expect, test } from "vitest";
import { cpuMsOf, usageOf } from "./process-usage.ts";

test("CPU time is read from behind the name, whatever that holds", () => {
  const stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 7 5 3 1 20 0 4 0 100";
  expect(cpuMsOf(stat)).toBe(160);
});

test("of a process that is gone nothing is known", () => {
  expect(usageOf([2 ** 22 + 1])).toBeUndefined();
});
