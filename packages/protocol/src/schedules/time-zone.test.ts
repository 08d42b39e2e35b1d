import { describe, expect, test } from "vitest";
import { checkTimeZone, offsetAt, placeWall, wallAt } from "./time-zone.ts";

const wall = (text: string): number => Date.parse(`${text}Z`);
const at = (text: string): number => Date.parse(text);
const HOUR = 3_600_000;

describe("offsetAt", () => {
  test.each([
    ["UTC", "2026-07-01T00:00:00Z", 0],
    ["Europe/Paris", "2026-03-29T00:59:59.999Z", 1],
    ["Europe/Paris", "2026-03-29T01:00:00Z", 2],
    ["America/New_York", "2026-11-01T05:59:59Z", -4],
    ["America/New_York", "2026-11-01T06:00:00Z", -5],
    ["Australia/Lord_Howe", "2026-01-01T00:00:00Z", 11],
    ["Australia/Lord_Howe", "2026-07-01T00:00:00Z", 10.5],
    ["Asia/Kathmandu", "2026-07-01T00:00:00Z", 5.75],
  ])("of %s at %s", (zone, moment, hours) => {
    expect(offsetAt(zone, at(moment))).toBe(hours * HOUR);
    expect(wallAt(zone, at(moment))).toBe(at(moment) + hours * HOUR);
  });
});

describe("placeWall", () => {
  test.each([
    ["Europe/Paris", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"],
    ["America/New_York", "2026-03-08T02:00:00", "2026-03-08T07:00:00Z"],
    ["Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00Z"],
    // The whole day was left out.
    ["Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"],
  ])("in %s, %s is skipped, up to %s", (zone, text, after) => {
    expect(placeWall(zone, wall(text))).toEqual({ kind: "skipped", after: at(after) });
  });

  test.each([
    ["Europe/Paris", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"],
    ["America/New_York", "2026-11-01T01:00:00", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"],
    ["Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"],
  ])("in %s, %s comes twice", (...[zone, text, first, last]) => {
    expect(placeWall(zone, wall(text))).toEqual({ kind: "repeated", first: at(first), last: at(last) });
  });

  test.each([
    ["Europe/Paris", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"],
    ["Europe/Paris", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"],
    ["Europe/Paris", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"],
    ["Australia/Lord_Howe", "2026-04-05T01:15:00", "2026-04-04T14:15:00Z"],
    ["UTC", "2026-03-29T02:30:00", "2026-03-29T02:30:00Z"],
  ])("in %s, %s comes once", (zone, text, moment) => {
    expect(placeWall(zone, wall(text))).toEqual({ kind: "once", at: at(moment) });
  });
});

describe("checkTimeZone", () => {
  test.each(["UTC", "Europe/Paris", "Asia/Ho_Chi_Minh", "Asia/Saigon"])("takes %s", (zone) => {
    expect(checkTimeZone(zone)).toBe(zone);
  });

  test.each([
    ["Europe/Pari", "Europe/Paris"],
    ["paris", "Europe/Paris"],
    ["new york", "America/New_York"],
    ["America/NewYork", "America/New_York"],
  ])("for %s says that %s is meant", (zone, meant) => {
    expect(() => checkTimeZone(zone)).toThrow(`Did you mean "${meant}"?`);
  });

  test.each(["+02:00", "", 5, undefined, "Mars/Olympus", "UTC\r\nX: 1"])("refuses %j", (zone) => {
    expect(() => checkTimeZone(zone, "tz")).toThrow(/^tz: expected the IANA name of a time zone/);
  });
});
