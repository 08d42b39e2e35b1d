import { describe, expect, it } from "vitest";
import { airportReport } from "./airport-report.ts";
import { dayReport } from "./day-report.ts";

describe("airportReport", () => {
  it("says how late an airport's flights are, and how sure that is", () => {
    const moments = { count: 200, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };
    const report = airportReport({
      key: "JFK",
      mean: 16.2,
      low: 10.455,
      high: 22.66,
      correlation: 0,
      pValue: 1,
      moments,
    });
    expect(report).toEqual({
      subject: "Delays from JFK",
      text: "200 flights from JFK: 16.2 min late on average (95 % between 10.5 min and 22.7 min).",
    });
  });
});

describe("dayReport", () => {
  it("counts a flight as late from a quarter of an hour on", () => {
    expect(dayReport({ key: "2001-01-31", delays: [14, 15, -3, 60] })).toEqual({
      subject: "Delays on 2001-01-31",
      text: "4 flights on 2001-01-31: 50 % were 15 minutes late or more.",
    });
  });
});
