import { encode, isRunId, timeOfRunId } from "@umbel/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { childId, enqueuedChild, type ChildTask } from "./enqueue-child.ts";

const task = (name: string): ChildTask => ({ name, queue: "q", priority: "normal", expiresMs: undefined });
type Place = readonly [parent: string, task: string, input: unknown, index: number];
const idOf = ([parent, name, input, index]: Place): string =>
  childId(parent, { task: task(name), body: encode(input), index });

const runId = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const taskName = fc.stringMatching(/^[A-Za-z0-9_/:-]{1,20}(?:\.[A-Za-z0-9_/:-]{1,20})?$/);
const input = fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer()));
const index = fc.nat({ max: 1_000 });
const place = fc.tuple(runId, taskName, input, index);

describe("the id of a child", () => {
  test("is the same each time that its parent's handler is executed", () => {
    expect(idOf(["parent", "mail.send", { to: "a" }, 0])).toBe("qy6e6xaashzzacd03t0qedf6");
    fc.assert(
      fc.property(place, (of) => {
        expect(idOf(of)).toBe(idOf(of));
      }),
    );
  });

  test("does not depend on where and how urgently the child waits", () => {
    const urgent: ChildTask = { name: "t", queue: "other", priority: "high", expiresMs: 5 };
    expect(childId("p", { task: urgent, body: encode(1), index: 0 })).toBe(idOf(["p", "t", 1, 0]));
  });

  test.each([
    ["parent", idOf(["p2", "t", 1, 0])],
    ["task", idOf(["p", "t2", 1, 0])],
    ["input", idOf(["p", "t", 2, 0])],
    ["place among its siblings", idOf(["p", "t", 1, 1])],
  ])("is another one for another %s", (_, other) => {
    expect(other).not.toBe(idOf(["p", "t", 1, 0]));
  });

  test("is never that of a child that differs in anything", () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(idOf(one)).not.toBe(idOf(other));
      }),
      { numRuns: 1_000 },
    );
  });

  test("is a run id, and is not taken for a generated one that tells the time", () => {
    fc.assert(
      fc.property(place, (of) => {
        expect(idOf(of)).toSatisfy(isRunId);
        expect(idOf(of)).toMatch(/^[0-9a-z]{24}$/);
        expect(timeOfRunId(idOf(of))).toBeUndefined();
      }),
    );
  });
});

test("a handler cannot wait for the result of its child: the error says what to do instead", async () => {
  const receipt = { sequence: 5, storage: "file", replicas: 1, survives: [], existed: false } as const;
  const child = enqueuedChild({ id: "child-1", receipt });
  expect(child).toMatchObject({ id: "child-1", receipt });
  await expect(child.result()).rejects.toMatchObject({
    code: "would_deadlock",
    message: expect.stringMatching(/run child-1.*Enqueue what comes next/s),
    details: { runId: "child-1" },
  });
});
