import { z } from "zod";
import { analysisOutput, type Analysis } from "../analysis/analyse.ts";
import { addMoments, correlation, momentsOf, NO_MOMENTS, slope, type Moments } from "../analysis/moments.ts";
import type { DataSet } from "../data-set/data-set.ts";
import type { LedgerEntry } from "../run-ledger.ts";

/** The mean delay of some flights, with its 95 % interval, in minutes. */
export interface Estimate {
  readonly key: string;
  readonly flights: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What the runs have found out. Delays in minutes, on arrival. */
export interface Answer {
  readonly flights: number;
  readonly meanDelay: number;
  readonly bestDeparture: Estimate | undefined;
  readonly worstDeparture: Estimate | undefined;
  readonly leastDelayedAirport: Estimate | undefined;
  readonly mostDelayedAirport: Estimate | undefined;
  /** What a thousand miles add, by least squares. */
  readonly minutesPer1000Miles: number;
  /** The share of the variance of the delays that the distance explains. */
  readonly explainedByDistance: number;
}

/** Fewer flights say too little to be compared with others. */
const LEAST_FLIGHTS = { departure: 500, airport: 100 } as const;

/** Put the results of all runs together. In the order of their keys, so that it is the same every time. Pure. */
export function answerOf(entries: readonly LedgerEntry[]): Answer {
  const departures = resultsOf("departure", entries);
  const moments = allMoments(departures);
  const byDeparture = ranked(departures, LEAST_FLIGHTS.departure);
  const byAirport = ranked(resultsOf("airport", entries), LEAST_FLIGHTS.airport);
  return {
    flights: moments.count,
    meanDelay: round(moments.y / moments.count, 3),
    bestDeparture: byDeparture.at(0),
    worstDeparture: byDeparture.at(-1),
    leastDelayedAirport: byAirport.at(0),
    mostDelayedAirport: byAirport.at(-1),
    minutesPer1000Miles: round(slope(moments) * 1_000, 3),
    explainedByDistance: round(correlation(moments) ** 2, 5),
  };
}

/** Whether the runs have counted and added exactly the flights that are in the data set. Pure. */
export function coversData(entries: readonly LedgerEntry[], data: DataSet): boolean {
  const same = (kind: string, chunks: DataSet["departures"]): boolean => {
    const found = allMoments(resultsOf(kind, entries));
    const direct = chunks.map(momentsOf).reduce(addMoments, NO_MOMENTS);
    return JSON.stringify(found) === JSON.stringify(direct);
  };
  return same("departure", data.departures) && same("airport", data.airports);
}

// One for each key: what warmed the threads up has analysed the same chunks.
function resultsOf(kind: string, entries: readonly LedgerEntry[]): readonly Analysis[] {
  const results = z
    .array(analysisOutput)
    .parse(
      entries
        .filter((entry) => entry.kind === kind && entry.result !== undefined)
        .map(({ result }) => result),
    );
  const byKey = new Map(results.map((result) => [result.key, result]));
  return [...byKey.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

function allMoments(results: readonly Analysis[]): Moments {
  return results.map(({ moments }) => moments).reduce(addMoments, NO_MOMENTS);
}

function ranked(results: readonly Analysis[], leastFlights: number): readonly Estimate[] {
  return results
    .filter(({ moments }) => moments.count >= leastFlights)
    .sort((one, other) => one.mean - other.mean)
    .map(({ key, moments, mean, low, high }) => ({
      key,
      flights: moments.count,
      mean: round(mean, 2),
      low: round(low, 2),
      high: round(high, 2),
    }));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
