import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { every } from "./interval.ts";

test("an interval does not keep the process alive", () => {
  const active = (): readonly string[] => process.getActiveResourcesInfo();
  const before = active();
  const stop = every(60_000, () => undefined);
  expect(active()).toEqual(before);
  stop();
});

describe("with the clock held", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("an interval ticks each time its time is over, until it is stopped", () => {
    let ticks = 0;
    const stop = every(100, () => (ticks += 1));
    vi.advanceTimersByTime(99);
    expect(ticks).toBe(0);
    vi.advanceTimersByTime(251);
    expect(ticks).toBe(3);
    stop();
    stop();
    vi.advanceTimersByTime(1_000);
    expect(ticks).toBe(3);
  });
});

test("an interval longer than Node's longest timer does not tick all the time", async () => {
  const ticks: string[] = [];
  const stop = every(2 ** 31, () => ticks.push("long"));
  // Node fires what it takes for 1 ms in the order in which it was started.
  await new Promise<void>((resolve) => void setTimeout(resolve, 1));
  stop();
  expect(ticks).toEqual([]);
});
