import { Cron } from "croner";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCron } from "./cron.ts";
import { nextCronFire, type ZonePolicy } from "./cron-fires.ts";
import { wallAt } from "./time-zone.ts";

const DAY_MS = 86_400_000;

function firesBetween(
  cron: string,
  zone: ZonePolicy,
  [from, to]: readonly [string, string],
): readonly string[] {
  const found: string[] = [];
  const pattern = parseCron(cron);
  for (let at = nextCronFire(pattern, zone, Date.parse(from) - 1); at !== undefined && at < Date.parse(to);) {
    found.push(new Date(at).toISOString().slice(0, 16));
    at = nextCronFire(pattern, zone, at);
  }
  return found;
}

const PARIS = { timeZone: "Europe/Paris", gap: "after", repeat: "first" } as const;
const NEW_YORK = { ...PARIS, timeZone: "America/New_York" };
const LORD_HOWE = { ...PARIS, timeZone: "Australia/Lord_Howe" };

// The server's own cron leaves out what the clocks skip, and fires twice what they show twice.
describe("a daily schedule fires exactly once on the days on which the clocks are changed", () => {
  test.each([
    // 02:30 is skipped: at 03:00, the first moment behind the gap.
    [
      "Paris, spring",
      PARIS,
      "30 2 * * *",
      ["2026-03-28T12:00", "2026-03-30T12:00"],
      ["2026-03-29T01:00", "2026-03-30T00:30"],
    ],
    [
      "Paris, autumn",
      PARIS,
      "30 2 * * *",
      ["2026-10-24T12:00", "2026-10-26T12:00"],
      ["2026-10-25T00:30", "2026-10-26T01:30"],
    ],
    [
      "New York, spring",
      NEW_YORK,
      "30 2 * * *",
      ["2026-03-07T12:00", "2026-03-09T12:00"],
      ["2026-03-08T07:00", "2026-03-09T06:30"],
    ],
    [
      "New York, autumn",
      NEW_YORK,
      "30 1 * * *",
      ["2026-10-31T12:00", "2026-11-02T12:00"],
      ["2026-11-01T05:30", "2026-11-02T06:30"],
    ],
    // Half an hour only.
    [
      "Lord Howe, spring",
      LORD_HOWE,
      "15 2 * * *",
      ["2026-10-03T00:00", "2026-10-05T00:00"],
      ["2026-10-03T15:30", "2026-10-04T15:15"],
    ],
    [
      "Lord Howe, autumn",
      LORD_HOWE,
      "45 1 * * *",
      ["2026-04-04T00:00", "2026-04-06T00:00"],
      ["2026-04-04T14:45", "2026-04-05T15:15"],
    ],
  ] as const)("%s", (...[, zone, cron, [from, to], expected]) => {
    expect(firesBetween(cron, zone, [`${from}Z`, `${to}Z`])).toEqual(expected);
  });

  test("several skipped times are one firing", () => {
    expect(firesBetween("0,15,30,45 2 * * *", PARIS, ["2026-03-29T00:00Z", "2026-03-29T12:00Z"])).toEqual([
      "2026-03-29T01:00",
    ]);
  });
});

describe("other policies", () => {
  const autumn = ["2026-10-25T00:00Z", "2026-10-25T12:00Z"] as const;
  test.each([
    ["first", ["2026-10-25T00:30"]],
    ["last", ["2026-10-25T01:30"]],
    ["both", ["2026-10-25T00:30", "2026-10-25T01:30"]],
  ] as const)("what comes twice, %s", (repeat, expected) => {
    expect(firesBetween("30 2 * * *", { ...PARIS, repeat }, autumn)).toEqual(expected);
  });

  test("what comes twice, several times in the hour, is in order", () => {
    expect(firesBetween("0,30 2 * * *", { ...PARIS, repeat: "both" }, autumn)).toEqual([
      "2026-10-25T00:00",
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
    ]);
  });

  test("what is skipped, not at all", () => {
    expect(
      firesBetween("30 2 * * *", { ...PARIS, gap: "skip" }, ["2026-03-28T12:00Z", "2026-03-30T12:00Z"]),
    ).toEqual(["2026-03-30T00:30"]);
  });

  test("a schedule of every half hour goes by the time that passes", () => {
    const open = { ...PARIS, gap: "skip", repeat: "both" } as const;
    expect(firesBetween("*/30 * * * *", open, ["2026-10-25T00:00Z", "2026-10-25T03:00Z"])).toHaveLength(6);
    expect(firesBetween("*/30 * * * *", open, ["2026-03-29T00:00Z", "2026-03-29T03:00Z"])).toHaveLength(6);
  });

  test("a schedule of every second gets through the hour that comes twice", () => {
    const open = { ...PARIS, gap: "skip", repeat: "both" } as const;
    const from = Date.parse("2026-10-25T00:59:58Z");
    const second = nextCronFire(parseCron("* * * * * *"), open, from) ?? 0;
    expect(second).toBe(from + 1_000);
    expect(nextCronFire(parseCron("* * * * * *"), open, second)).toBe(from + 2_000);
  });
});

const zones = fc.constantFrom(
  "UTC",
  "Europe/Paris",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Santiago",
  "Africa/Casablanca",
  "Asia/Kathmandu",
);
const moments = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
  .map((date) => date.getTime());

describe("for any zone", () => {
  test("a daily schedule fires once on each day of its wall", () => {
    const time = fc.record({ hour: fc.nat(23), minute: fc.nat(59) });
    fc.assert(
      fc.property(zones, time, moments, (timeZone, { hour, minute }, start) => {
        const cron = parseCron(`${minute} ${hour} * * *`);
        const zone = { timeZone, gap: "after", repeat: "first" } as const;
        const days: number[] = [];
        let at = start;
        for (let count = 0; count < 200; count++) {
          at = nextCronFire(cron, zone, at) ?? Number.NaN;
          days.push(Math.floor(wallAt(timeZone, at) / DAY_MS));
        }
        const first = days[0] ?? 0;
        expect(days).toEqual(days.map((_, index) => first + index));
      }),
      { numRuns: 40 },
    );
  });

  test("what croner says by itself of a fixed hour and of an open one", () => {
    const crons = fc.constantFrom("30 2 * * *", "15 1 * * 0", "45 0 * * *", "*/20 * * * *", "0 */3 * * *");
    fc.assert(
      fc.property(zones, crons, moments, (timeZone, cron, start) => {
        const pattern = parseCron(cron);
        const zone: ZonePolicy = pattern.everyHour
          ? { timeZone, gap: "skip", repeat: "both" }
          : { timeZone, gap: "after", repeat: "first" };
        const other = new Cron(cron, { paused: true, timezone: timeZone });
        let at = start;
        for (let count = 0; count < 30; count++) {
          const expected = other.nextRun(new Date(at))?.getTime();
          at = nextCronFire(pattern, zone, at) ?? Number.NaN;
          expect(at).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  });
});
