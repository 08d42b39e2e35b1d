import { expect, test } from "vitest";
import { ServerClock } from "./server-clock.ts";

const SERVER = 1_800_000_000_000;

test("tells the server's time by the delivery that took the shortest way", () => {
  const clock = new ServerClock();
  clock.observe({ storedAt: SERVER, receivedAt: 40 });
  expect(clock.at(40)).toBe(SERVER);
  clock.observe({ storedAt: SERVER + 60, receivedAt: 61 });
  expect(clock.at(61)).toBe(SERVER + 60);
  clock.observe({ storedAt: SERVER + 70, receivedAt: 200 });
  expect(clock.at(200)).toBe(SERVER + 199);
});

test("never runs ahead of a delivery: what it says at an arrival is not before the message was stored", () => {
  const clock = new ServerClock();
  for (const [storedAt, receivedAt] of [
    [5, 9],
    [6, 8],
    [100, 101],
    [90, 180],
  ] as const) {
    clock.observe({ storedAt: SERVER + storedAt, receivedAt });
    expect(clock.at(receivedAt)).toBeGreaterThanOrEqual(SERVER + storedAt);
  }
});

test("forgets what the clocks said before they drifted apart", () => {
  const clock = new ServerClock();
  clock.observe({ storedAt: SERVER, receivedAt: 0 });
  clock.observe({ storedAt: SERVER + 29_000, receivedAt: 31_000 });
  expect(clock.at(31_000)).toBe(SERVER + 31_000);
  clock.observe({ storedAt: SERVER + 60_000, receivedAt: 62_000 });
  expect(clock.at(62_000)).toBe(SERVER + 60_000);
});

test("remembers nothing of the time before a long silence", () => {
  const clock = new ServerClock();
  clock.observe({ storedAt: SERVER, receivedAt: 0 });
  clock.observe({ storedAt: SERVER + 99_000, receivedAt: 100_000 });
  expect(clock.at(100_000)).toBe(SERVER + 99_000);
});
