import { groupFlights, type Chunk } from "./chunk.ts";
import { loadRoutedFlights, loadTimedFlights, type RoutedFlight, type TimedFlight } from "./flights.ts";

/** The demo's input: real flights within the United States, as their airlines had to report them. */
export interface DataSet {
  /** By the five minutes in which they left: 200,000 flights. */
  readonly departures: readonly Chunk[];
  /** By the airport that they left from: 20,000 flights, small airports left out. */
  readonly airports: readonly Chunk[];
  /** By the day on which they left: the same 20,000. */
  readonly days: readonly Chunk[];
}

/** How much of the data is used: `quick` is a fourth of the departures and the large airports only. */
export type Share = "full" | "quick";

const SLOT_MINUTES = 5;
const LEAST_FLIGHTS = { full: 10, quick: 150 } as const;
const EVERY = { full: 1, quick: 4 } as const;

/** Read the data set from disk and cut it into chunks. */
export async function loadDataSet(share: Share): Promise<DataSet> {
  const [timed, routed] = await Promise.all([loadTimedFlights(), loadRoutedFlights()]);
  return cutDataSet(timed, routed, share);
}

/** Cut flights into chunks. Pure. */
export function cutDataSet(
  timed: readonly TimedFlight[],
  routed: readonly RoutedFlight[],
  share: Share,
): DataSet {
  const airports = groupFlights(routed, ({ origin }) => origin);
  return {
    departures: everyNth(
      groupFlights(timed, ({ time }) => departureSlot(time)),
      EVERY[share],
    ),
    airports: airports.filter(({ delays }) => delays.length >= LEAST_FLIGHTS[share]),
    days: everyNth(
      groupFlights(routed, ({ date }) => date.slice(0, 10).replaceAll("/", "-")),
      EVERY[share],
    ),
  };
}

/** The five minutes that `time` (hours since midnight) falls into, as `"23:55"`. */
export function departureSlot(time: number): string {
  const minutes = Math.round(time * 60);
  const start = minutes - (minutes % SLOT_MINUTES);
  return `${twoDigits(Math.floor(start / 60))}:${twoDigits(start % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function everyNth(chunks: readonly Chunk[], n: number): readonly Chunk[] {
  return chunks.filter((_, index) => index % n === 0);
}
