import { afterEach, expect, test, vi } from "vitest";
import { ServerTime } from "./server-time.ts";

afterEach(() => vi.useRealTimers());

test("the server's clock goes on by this machine's, from the moment that its answer came", async () => {
  vi.useFakeTimers({ now: 5, toFake: ["performance"] });
  const clock = new ServerTime(async () => {
    vi.advanceTimersByTime(20);
    return 1_000_000;
  });
  expect(await clock.now()).toBe(1_000_000);
  vi.advanceTimersByTime(300);
  expect(await clock.now()).toBe(1_000_300);
});

test("the server is asked once for all within five seconds, then again", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const ask = vi.fn<() => Promise<number>>(async () => 7);
  const clock = new ServerTime(ask);
  await Promise.all([clock.now(), clock.now()]);
  vi.advanceTimersByTime(4_999);
  await clock.now();
  expect(ask).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1);
  await clock.now();
  expect(ask).toHaveBeenCalledTimes(2);
});

test("what could not be asked is asked again at the next call", async () => {
  const ask = vi.fn<() => Promise<number>>();
  ask.mockRejectedValueOnce(new Error("no answer")).mockResolvedValue(9);
  const clock = new ServerTime(ask);
  await expect(clock.now()).rejects.toThrow("no answer");
  expect(await clock.now()).toBeGreaterThanOrEqual(9);
});
