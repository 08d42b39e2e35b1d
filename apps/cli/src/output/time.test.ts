import { expect, test } from "vitest";
import { formatDistance, formatDuration, formatMoment, isoTime } from "./time.ts";

test.each([
  [0, "0 ms"],
  [0.4, "0 ms"],
  [999, "999 ms"],
  [1_500, "1.5 s"],
  [59_999, "59.9 s"],
  [245_000, "4 min 5 s"],
  [9_000_000, "2 h 30 min"],
  [273_600_000, "3 d 4 h"],
  [-1_500, "-1.5 s"],
])("%d milliseconds are %j", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("a moment is shown in the machine's own time", () => {
  expect(formatMoment(new Date(2026, 10, 3, 4, 5, 6, 7).getTime())).toBe("2026-11-03 04:05:06.007");
  expect(formatMoment(Number.NaN)).toBe("NaN");
});

test("a distance says on which side of now it is", () => {
  expect(formatDistance(1_000, 5_000)).toBe("4 s ago");
  expect(formatDistance(5_000, 1_000)).toBe("in 4 s");
});

test("times for programs are ISO 8601, and absent ones stay absent", () => {
  expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(isoTime(undefined)).toBeUndefined();
  expect(isoTime(9e15)).toBeUndefined();
});
