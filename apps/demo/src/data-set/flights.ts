import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Flight } from "./chunk.ts";

/** A flight of `flights-200k.json`. */
export interface TimedFlight extends Flight {
  /** When it really left, in hours since midnight. */
  readonly time: number;
}

/** A flight of `flights-20k.json`. */
export interface RoutedFlight extends Flight {
  /** When it really left, as `"2001/01/31 23:59"`. */
  readonly date: string;
  /** The airport that it left from, as `"SFO"`. */
  readonly origin: string;
}

const timedFlights: z.ZodType<TimedFlight[]> = z.array(
  z.object({ delay: z.int(), distance: z.int(), time: z.number().min(0).lt(24) }),
);

const routedFlights: z.ZodType<RoutedFlight[]> = z.array(
  z.object({
    delay: z.int(),
    distance: z.int(),
    date: z.string().regex(/^\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}$/),
    origin: z.string().regex(/^[A-Z0-9]{3}$/),
  }),
);

/** The 200,000 flights with their times of day that the npm package vega-datasets ships. */
export async function loadTimedFlights(): Promise<readonly TimedFlight[]> {
  return timedFlights.parse(await readJson("flights-200k.json"));
}

/** The 20,000 flights with their dates and airports that the npm package vega-datasets ships. */
export async function loadRoutedFlights(): Promise<readonly RoutedFlight[]> {
  return routedFlights.parse(await readJson("flights-20k.json"));
}

async function readJson(name: string): Promise<unknown> {
  const packageEntry = import.meta.resolve("vega-datasets");
  return JSON.parse(await readFile(new URL(`../data/${name}`, packageEntry), "utf8"));
}
