import { expect, test } from "vitest";
import { withDeadline } from "./with-deadline.ts";

const never = (): Promise<never> => new Promise(() => undefined);
const activeTimers = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

test("work that ends in time gives its value", async () => {
  expect(await withDeadline(Promise.resolve("done"), 60_000)).toBe("done");
});

test("work that fails in time fails", async () => {
  await expect(withDeadline(Promise.reject(new Error("broken")), 60_000)).rejects.toThrow("broken");
});

test("work that does not end in time gives undefined", async () => {
  expect(await withDeadline(never(), 1)).toBeUndefined();
});

test.each([0, -1, Number.NEGATIVE_INFINITY])("a deadline of %d ms is over at once", async (ms) => {
  expect(await withDeadline(never(), ms)).toBeUndefined();
});

test("work that fails after its deadline disturbs nobody", async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  expect(await withDeadline(promise, 1)).toBeUndefined();
  reject(new Error("too late")); // An unhandled rejection would fail this run.
  await new Promise((resolve) => setImmediate(resolve));
});

test.each([60_000, 2 ** 31, Number.POSITIVE_INFINITY])(
  "a deadline of %d ms leaves no timer behind when the work has ended",
  async (ms) => {
    const before = activeTimers();
    await withDeadline(Promise.resolve(), ms);
    await withDeadline(Promise.reject(new Error("broken")), ms).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(activeTimers()).toBe(before);
  },
);

test("a deadline longer than Node's longest timer is not over at once", async () => {
  const work = withDeadline(never(), 5).then(() => "work");
  expect(await withDeadline(work, 2 ** 31)).toBe("work");
});
