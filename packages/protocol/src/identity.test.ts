import { describe, expect, test } from "vitest";
import { bindIdentity } from "./bind-identity.ts";
import { resolveIdentity, type IdentityOptions, type TaskKey } from "./identity.ts";
import { defineTask } from "./task.ts";

const field = (option: string): string => `task.${option}`;
const resolve = (options: IdentityOptions<TaskKey<never>>): unknown => resolveIdentity(options, field);

describe("what makes a run unique", () => {
  test("is nothing unless it is said", () => {
    expect(resolve({})).toBeUndefined();
    expect(resolve({ unique: false, debounce: false })).toBeUndefined();
  });

  test.each<[IdentityOptions, object]>([
    [{ unique: "until-started" }, { until: "started", forMs: 0, key: undefined }],
    [
      { unique: "until-done", uniqueKey: "k" },
      { until: "done", forMs: 0, key: "k" },
    ],
    [{ unique: { for: "1h" } }, { until: "time", forMs: 3_600_000, key: undefined }],
    [{ debounce: "5s" }, { until: "fired", forMs: 5_000, key: "" }],
    [
      { debounce: { for: "5s", max: "1m", key: "k" } },
      { until: "fired", forMs: 5_000, maxMs: 60_000, key: "k" },
    ],
  ])("is resolved: %o", (options, identity) => {
    expect(resolve(options)).toMatchObject(identity);
  });

  test.each<[unknown, field: string]>([
    [{ unique: "until-finished" }, "task.unique"],
    [{ unique: null }, "task.unique"],
    [{ unique: { for: "1h", key: "k" } }, "task.unique.key"],
    [{ unique: { for: "500ms" } }, "task.unique.for"],
    [{ unique: {} }, "task.unique.for"],
    [{ uniqueKey: "k" }, "task.uniqueKey"],
    [{ unique: "until-done", uniqueKey: 7 }, "task.uniqueKey"],
    [{ unique: "until-done", uniqueKey: "k".repeat(1_001) }, "task.uniqueKey"],
    [{ unique: "until-done", debounce: "5s" }, "task.debounce"],
    [{ debounce: "0s" }, "task.debounce"],
    [{ debounce: null }, "task.debounce"],
    [{ debounce: { max: "5s" } }, "task.debounce.for"],
    [{ debounce: { for: "5s", max: "1s" } }, "task.debounce.max"],
  ])("is refused with the name of what is wrong: %o", (options, wrong) => {
    expect(() => Reflect.apply(resolveIdentity, undefined, [options, field])).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        details: expect.objectContaining({ field: wrong }),
      }),
    );
  });
});

describe("what a task says of its runs", () => {
  const byPath = defineTask<{ path: string }>({
    name: "t",
    unique: "until-done",
    uniqueKey: (input) => input.path,
  });
  const debounced = defineTask<{ shop: string }>({
    name: "t",
    debounce: { for: "5s", max: "1m", key: ({ shop }) => shop },
  });

  test("becomes options of the call, as plain data", () => {
    expect(bindIdentity(byPath, { path: "a" }, undefined)).toEqual({
      unique: "until-done",
      uniqueKey: "a",
    });
    const inQueue: IdentityOptions & { readonly queue: string } = { queue: "q" };
    expect(bindIdentity(debounced, { shop: "s" }, inQueue)).toEqual({
      queue: "q",
      debounce: { for: 5_000, max: 60_000, key: "s" },
    });
    const time = defineTask({ name: "t", unique: { for: "1h" } });
    expect(bindIdentity(time, 1, undefined)).toEqual({ unique: { for: 3_600_000 } });
  });

  test("gives way to what the call says", () => {
    expect(bindIdentity(byPath, { path: "a" }, { unique: false })).toEqual({ unique: false });
    expect(bindIdentity(byPath, { path: "a" }, { debounce: "5s" })).toEqual({ debounce: "5s" });
    expect(bindIdentity(byPath, { path: "a" }, { uniqueKey: "b" })).toEqual({
      unique: "until-done",
      uniqueKey: "b",
    });
    const options: IdentityOptions = {};
    expect(bindIdentity(defineTask({ name: "t" }), 1, options)).toBe(options);
  });

  test("must make a key that is text", () => {
    const wrong = Reflect.apply(defineTask, undefined, [
      { name: "t", unique: "until-done", uniqueKey: () => 7 },
    ]);
    expect(() => bindIdentity(wrong, 1, undefined)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ field: "task t: uniqueKey" }) }),
    );
  });
});
