import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isSolarEvent, nextSolarFire, SOLAR_EVENTS, type SolarEvent } from "./solar.ts";

const PARIS = { latitude: 48.8566, longitude: 2.3522 };
const MINUTE_MS = 60_000;

// https://gml.noaa.gov/grad/solcalc/, to the minute.
test.each([
  ["sunrise", "2026-06-21T03:47Z"],
  ["sunset", "2026-06-21T19:58Z"],
  ["solar-noon", "2026-06-21T11:52Z"],
] as const)("%s in Paris at midsummer", (event, expected) => {
  const at = nextSolarFire({ event, ...PARIS }, Date.parse("2026-06-21T00:00Z")) ?? Number.NaN;
  expect(Math.abs(at - Date.parse(expected))).toBeLessThanOrEqual(2 * MINUTE_MS);
});

test("days on which it does not come are passed over, and a pole has none", () => {
  const tromso = { event: "sunrise", latitude: 69.65, longitude: 18.96 } as const;
  const at = nextSolarFire(tromso, Date.parse("2026-11-30T00:00Z")) ?? 0;
  expect(new Date(at).toISOString()).toMatch(/^2027-01-1/);
  expect(nextSolarFire({ event: "sunrise", latitude: 90, longitude: 0 }, 0)).toBeUndefined();
});

test("it comes once a day, at the same moment from wherever one looks", () => {
  const place = fc.record({
    event: fc.constantFrom(...SOLAR_EVENTS).filter((name): name is SolarEvent => isSolarEvent(name)),
    latitude: fc.integer({ min: -45, max: 45 }),
    longitude: fc.integer({ min: -180, max: 180 }),
  });
  const moment = fc.integer({ min: Date.parse("2024-01-01"), max: Date.parse("2030-01-01") });
  fc.assert(
    fc.property(place, moment, fc.nat(86_000_000), (where, after, back) => {
      const at = nextSolarFire(where, after) ?? Number.NaN;
      const next = nextSolarFire(where, at) ?? Number.NaN;
      expect((next - at) / 3_600_000).toBeGreaterThan(23);
      expect((next - at) / 3_600_000).toBeLessThan(25);
      const before = Math.max(after, at - 1 - back);
      expect(nextSolarFire(where, before)).toBe(at);
    }),
  );
});
