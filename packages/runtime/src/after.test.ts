import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { after } from "./after.ts";

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a callback comes when its time is over, and once", () => {
  const callback = vi.fn<() => void>();
  after(1_000, callback);
  vi.advanceTimersByTime(999);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(callback).toHaveBeenCalledOnce();
});

test("a time longer than Node's timers know is waited for", () => {
  const callback = vi.fn<() => void>();
  after(60 * DAY_MS, callback);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledOnce();
});

test("what was prevented never comes, before and after the longest timer", () => {
  const callback = vi.fn<() => void>();
  after(1_000, callback)();
  const prevent = after(60 * DAY_MS, callback);
  vi.advanceTimersByTime(30 * DAY_MS);
  prevent();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(callback).not.toHaveBeenCalled();
});
