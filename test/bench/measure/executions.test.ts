import { expect, test } from "vitest";
import { Executions } from "./executions.ts";

test("a run that is executed twice counts twice and is one run", () => {
  const executions = new Executions(3);
  for (const index of [0, 2, 2]) executions.mark(index);
  expect(executions).toMatchObject({ total: 3, distinct: 2 });
});

test("an index that no run has is an error", () => {
  const executions = new Executions(1);
  expect(() => executions.mark(1)).toThrow("unknown index 1");
  expect(executions.total).toBe(0);
});
