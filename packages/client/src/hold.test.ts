import { defineTask, type Identity } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { holdOf, refuseIdentity } from "./hold.ts";

const DONE: Identity = { until: "done", forMs: 0, maxMs: undefined, key: undefined };
const body = (...bytes: number[]): Uint8Array => new Uint8Array(bytes);
const lockOf = (task: string, key: string | undefined, input: Uint8Array): string | undefined =>
  holdOf(task, { ...DONE, key }, input)?.lock;

describe("the lock of a run", () => {
  test("is none when it need not be unique", () => {
    expect(holdOf("t", undefined, body(1))).toBeUndefined();
  });

  test("is that of its key, in its task", () => {
    expect(lockOf("t", "k", body(1))).toBe(lockOf("t", "k", body(2)));
    expect(lockOf("t", "k", body(1))).not.toBe(lockOf("t", "l", body(1)));
    expect(lockOf("t", "k", body(1))).not.toBe(lockOf("u", "k", body(1)));
    expect(lockOf("t", "", body(1))).toBe(lockOf("t", "", body(2)));
  });

  test("is that of its input when it has no key, and then no key's", () => {
    expect(lockOf("t", undefined, body(1))).toBe(lockOf("t", undefined, body(1)));
    expect(lockOf("t", undefined, body(1))).not.toBe(lockOf("t", undefined, body(2)));
    expect(lockOf("t", undefined, body(0x6b))).not.toBe(lockOf("t", "k", body()));
  });

  test("is 32 hexadecimal digits, whatever the key", () => {
    expect(lockOf("t", "a.*.>\r\n".repeat(100), body())).toMatch(/^[0-9a-f]{32}$/);
  });

  test("says how long it is held", () => {
    const identity: Identity = { until: "fired", forMs: 5, maxMs: 9, key: "k" };
    expect(holdOf("t", identity, body())).toMatchObject({ until: "fired", forMs: 5, maxMs: 9 });
  });
});

describe("a bulk", () => {
  const plain = defineTask({ name: "t" });
  const unique = defineTask({ name: "t", unique: "until-done" });

  test.each([
    [unique, {}, "bulk.unique"],
    [plain, { unique: "until-done" }, "bulk.unique"],
    [plain, { debounce: "5s" }, "bulk.debounce"],
  ] as const)("whose runs would have to be unique is refused: %o %o", (task, options, field) => {
    expect(() => refuseIdentity(task, options, "bulk")).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ field }) }),
    );
  });

  test.each([
    [plain, {}],
    [unique, { unique: false }],
    [plain, { debounce: false }],
  ] as const)("whose runs need not be is not: %o %o", (task, options) => {
    expect(() => refuseIdentity(task, options, "bulk")).not.toThrow();
  });
});
