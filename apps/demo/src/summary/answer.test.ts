import { describe, expect, it } from "vitest";
import { analyse } from "../analysis/analyse.ts";
import type { DataSet } from "../data-set/data-set.ts";
import type { LedgerEntry } from "../run-ledger.ts";
import { answerOf, coversData } from "./answer.ts";

const early = chunk("06:00", 600, -4);
const late = chunk("21:00", 500, 20);
const few = chunk("03:00", 10, 90);
const quiet = chunk("CLE", 100, 1);
const busy = chunk("JFK", 200, 16);
const data: DataSet = { departures: [few, early, late], airports: [quiet, busy], days: [] };
const entries = [
  ...data.departures.map((departure) => entryOf("departure", departure)),
  ...data.airports.map((airport) => entryOf("airport", airport)),
];

describe("answerOf", () => {
  it("ranks departures and airports that have flights enough, and counts all flights", () => {
    const answer = answerOf(entries);
    expect(answer).toMatchObject({
      flights: 1_110,
      bestDeparture: { key: "06:00", mean: -4, flights: 600 },
      worstDeparture: { key: "21:00", mean: 20 },
      leastDelayedAirport: { key: "CLE" },
      mostDelayedAirport: { key: "JFK", low: 16, high: 16 },
    });
    expect(answer.meanDelay).toBeCloseTo((600 * -4 + 500 * 20 + 10 * 90) / 1_110, 3);
  });

  it("is the same in whatever order the runs end, and however often one was made", () => {
    expect(answerOf([...entries, ...entries].toReversed())).toEqual(answerOf(entries));
  });

  it("has nobody to name when nothing has ended", () => {
    expect(answerOf([]).bestDeparture).toBeUndefined();
  });
});

describe("coversData", () => {
  it("is true when every flight was counted once", () => {
    expect(coversData(entries, data)).toBe(true);
  });

  it("is false when a chunk is missing or is not what the data say", () => {
    expect(coversData(entries.slice(1), data)).toBe(false);
    const wrong = entryOf("departure", chunk("03:00", 11, 90));
    expect(coversData([...entries.slice(1), wrong], data)).toBe(false);
  });
});

function chunk(key: string, flights: number, delay: number): DataSet["departures"][number] {
  return {
    key,
    delays: Array.from({ length: flights }, () => delay),
    distances: Array.from({ length: flights }, (_, index) => index),
  };
}

function entryOf(kind: string, input: DataSet["departures"][number]): LedgerEntry {
  const result = analyse({ ...input, rounds: 1 });
  return { id: `${kind}-${input.key}`, kind, key: input.key, acknowledgedAt: 0, outcome: undefined, result };
}
