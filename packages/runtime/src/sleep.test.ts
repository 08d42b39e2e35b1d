import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { sleep } from "./sleep.ts";

const DAY_MS = 86_400_000;

test("sleep ends when its time is over", async () => {
  await expect(sleep(1)).resolves.toBeUndefined();
  await expect(sleep(0)).resolves.toBeUndefined();
  await expect(sleep(-5)).resolves.toBeUndefined();
});

test("sleep ends at once, without an error, when its signal aborts", async () => {
  const controller = new AbortController();
  const sleeping = sleep(DAY_MS, controller.signal);
  controller.abort(new Error("shutting down"));
  await expect(sleeping).resolves.toBeUndefined();
});

test("sleep does not begin when its signal has aborted before", async () => {
  await expect(sleep(DAY_MS, AbortSignal.abort())).resolves.toBeUndefined();
});

test("sleep leaves no listener on its signal", async () => {
  const { signal } = new AbortController();
  await sleep(1, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("a sleep longer than Node's longest timer does not end at once", async () => {
  const controller = new AbortController();
  const ends: string[] = [];
  const long = sleep(2 ** 31, controller.signal).then(() => ends.push("long"));
  // Node fires what it takes for 1 ms in the order in which it was started.
  await sleep(1).then(() => ends.push("short"));
  controller.abort();
  await long;
  expect(ends).toEqual(["short", "long"]);
});
