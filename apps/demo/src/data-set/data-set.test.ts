import { describe, expect, it } from "vitest";
import { cutDataSet, departureSlot, loadDataSet } from "./data-set.ts";

describe("departureSlot", () => {
  it("names the five minutes that a time falls into", () => {
    expect(departureSlot(0)).toBe("00:00");
    expect(departureSlot(6 + 4 / 60)).toBe("06:00");
    expect(departureSlot(6 + 5 / 60)).toBe("06:05");
    expect(departureSlot(23.983333333333334)).toBe("23:55");
  });
});

describe("cutDataSet", () => {
  it("leaves airports with few flights out", () => {
    const routed = Array.from({ length: 10 }, () => flight("JFK")).concat(flight("XYZ"));
    const { airports, days } = cutDataSet([], routed, "full");
    expect(airports.map(({ key }) => key)).toEqual(["JFK"]);
    expect(days.map(({ key, delays }) => [key, delays.length])).toEqual([["2001-01-31", 11]]);
  });

  it("takes every fourth departure time when it must be quick", () => {
    const timed = Array.from({ length: 12 }, (_, index) => ({ delay: 0, distance: 1, time: index / 12 }));
    expect(cutDataSet(timed, [], "quick").departures.map(({ key }) => key)).toEqual([
      "00:00",
      "00:20",
      "00:40",
    ]);
  });
});

describe("loadDataSet", () => {
  it("reads the real flights of vega-datasets, every one of them", async () => {
    const { departures, airports, days } = await loadDataSet("full");
    expect(departures).toHaveLength(276);
    expect(airports).toHaveLength(134);
    expect(days).toHaveLength(90);
    expect(total(departures)).toBe(200_000);
    expect(total(days)).toBe(20_000);
  });
});

function flight(origin: string): Parameters<typeof cutDataSet>[1][number] {
  return { delay: 1, distance: 100, date: "2001/01/31 10:00", origin };
}

function total(chunks: readonly { readonly delays: readonly number[] }[]): number {
  return chunks.reduce((sum, { delays }) => sum + delays.length, 0);
}
