import { expect, test } from "vitest";
import { checkClock } from "./check-clock.ts";

test.each([
  [{ offsetMs: 0.2, uncertaintyMs: 0.5 }, "ok", "the server's and this machine's agree (within 1 ms)"],
  // What may be the way of the messages is not held against the clocks.
  [{ offsetMs: 1_400, uncertaintyMs: 500 }, "ok", "the server's and this machine's agree (within 1.9 s)"],
  [{ offsetMs: 5_000, uncertaintyMs: 1 }, "warn", "the server's is 5 s ahead of this machine's"],
  [{ offsetMs: -90_000, uncertaintyMs: 1 }, "fail", "the server's is 1 min 30 s behind this machine's"],
  [undefined, "skip", "not known: there is no stream to ask for the server's time"],
])("%j is %s", (clock, status, message) => {
  expect(checkClock(clock)).toMatchObject({ name: "clock", status, message });
});
