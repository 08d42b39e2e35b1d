import { describe, expect, test } from "vitest";
import { UmbelError } from "../umbel-error.ts";
import { parseCron } from "./cron.ts";

function walls(cron: string, after: string, count = 3): readonly string[] {
  const pattern = parseCron(cron);
  const found: string[] = [];
  for (let wall = pattern.next(Date.parse(`${after}Z`)); wall !== undefined && found.length < count;) {
    found.push(new Date(wall).toISOString().replace(/:00\.000Z$/, ""));
    wall = pattern.next(wall);
  }
  return found;
}

describe("what an expression matches", () => {
  test.each([
    ["0 22 * * *", ["2026-01-01T22:00", "2026-01-02T22:00"]],
    ["*/20 9-10 * * mon-fri", ["2026-01-01T09:00", "2026-01-01T09:20"]],
    ["0 0 1 jan,jul *", ["2026-07-01T00:00", "2027-01-01T00:00"]],
    ["0 0 * * 7", ["2026-01-04T00:00", "2026-01-11T00:00"]],
    ["0 0 L * *", ["2026-01-31T00:00", "2026-02-28T00:00"]],
    ["0 0 * * 5#2", ["2026-01-09T00:00", "2026-02-13T00:00"]],
    // Day of month or day of week, as cron has it; Celery wants both.
    ["0 0 13 * 5", ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00"]],
    ["30 0 12 * * *", ["2026-01-01T12:00:30.000Z", "2026-01-02T12:00:30.000Z"]],
    ["@daily", ["2026-01-02T00:00", "2026-01-03T00:00"]],
    ["@HOURLY", ["2026-01-01T01:00", "2026-01-01T02:00"]],
    ["  5   4 * * *  ", ["2026-01-01T04:05"]],
  ])("%s", (cron, expected) => {
    expect(walls(cron, "2026-01-01T00:00:00", expected.length)).toEqual(expected);
  });
});

test.each([
  ["0 2 * * *", false],
  ["0 1,2,3 * * *", false],
  ["*/5 2 * * *", false],
  ["*/5 * * * *", true],
  ["0 */2 * * *", true],
  ["0 0 * * * *", true],
  ["@hourly", true],
  ["@daily", false],
])("%s leaves its hour open: %s", (cron, open) => {
  expect(parseCron(cron).everyHour).toBe(open);
});

describe("what is refused says what is wrong, and where", () => {
  test.each([
    ["61 * * * *", 'The minute "61" is wrong: Invalid value for minute: 61.'],
    ["0 25 * * *", 'The hour "25" is wrong'],
    ["0 0 * foo *", 'The month "foo" is wrong'],
    ["0 0 * * 1,mondey", 'The day of week "1,mondey" is wrong'],
    ["70 0 0 * * *", 'The second "70" is wrong'],
    ["*/0 * * * *", 'The minute "*/0" is wrong'],
    ["0 0 * * fri-mon", "A range does not wrap around: list its parts with commas."],
    ["* * * *", "expected a cron expression of 5 fields"],
    ["0 0 * * * * *", "expected a cron expression of 5 fields"],
    ["@reboot", "expected a cron expression of 5 fields"],
    ["0 0 30 2 *", "expected a cron expression that matches some day"],
    [`${"1,".repeat(200)}1 * * * *`, "expected a cron expression of 5 fields"],
    [5, "received 5"],
    [undefined, "received undefined"],
  ])("%j", (cron, message) => {
    expect(() => parseCron(cron)).toThrow(UmbelError);
    expect(() => parseCron(cron)).toThrow(message);
    expect(() => parseCron(cron, "when")).toThrow(/^when: /);
  });
});
