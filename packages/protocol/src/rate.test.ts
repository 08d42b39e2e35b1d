import { expect, test } from "vitest";
import { parseRate } from "./rate.ts";

test.each([
  ["100/s", 10],
  ["30/m", 2_000],
  ["0.5/s", 2_000],
  ["2/h", 1_800_000],
])("%j lets one happen every %d ms", (rate, interval) => {
  expect(parseRate(rate)).toBe(interval);
});

test.each(["", "100", "100/d", "0/s", "-1/s", "1/ s", "/s", "1e3/s", 100, undefined, null])(
  "%j is no rate",
  (rate) => {
    expect(() => parseRate(rate)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(/^rate: /) }),
    );
  },
);
