import { defineTask } from "@umbel/protocol";
import { describe, expect, expectTypeOf, test } from "vitest";
import { handle, isHandler, type Handler } from "./handler.ts";
import type { TaskContext } from "./task-context.ts";

const double = defineTask<number, number>({ name: "double" });
const handler = handle(double, (input) => input * 2);

// What a caller without types may pass.
const handleAny = (...values: readonly unknown[]): unknown => Reflect.apply(handle, undefined, values);

const wrong = (field: string, received: string): unknown =>
  expect.objectContaining({
    code: "invalid_argument",
    details: expect.objectContaining({ field, received }),
  });

describe("a handler", () => {
  test("is its task with a function that gets the input and the context", () => {
    const context = { runId: "run-1" };
    const seen = handle(double, (input, { runId }) => `${runId}: ${input}`.length);
    expect(handler.task).toBe(double);
    expect(Reflect.apply(seen.execute, seen, [5, context])).toBe("run-1: 5".length);
  });

  test("cannot be changed", () => {
    expect(handler).toSatisfy(Object.isFrozen);
  });

  test("is known as one, and nothing else is, however alike", () => {
    expect(isHandler(handler)).toBe(true);
    for (const other of [{ ...handler }, double, handler.execute, null, undefined, "text"])
      expect(isHandler(other)).toBe(false);
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ['"double"', "double"],
    ['{"name":"double"}', { name: "double" }],
    ["[]", []],
  ])("is not made of %s instead of a task", (received, task) => {
    expect(() => handleAny(task, () => 1)).toThrow(wrong("handle.task", received));
  });

  test.each([
    ["undefined", undefined],
    ["5", 5],
    ["{}", {}],
  ])("is not made of %s instead of a function", (received, execute) => {
    expect(() => handleAny(double, execute)).toThrow(wrong("handle.execute", received));
  });
});

test("a handler's input and result are those of its task", () => {
  type Double = typeof handle<number, string, boolean, Date>;
  expectTypeOf<Parameters<Double>[1]>().toEqualTypeOf<
    (input: boolean, context: TaskContext) => Date | Promise<Date>
  >();
  expectTypeOf(handler).toEqualTypeOf<Handler>();
});
