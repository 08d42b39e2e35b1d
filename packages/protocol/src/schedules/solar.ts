import { getTimes } from "suncalc";

/** An event of the sun at a place, named as Celery names them. */
export type SolarEvent =
  | "dawn-astronomical"
  | "dawn-nautical"
  | "dawn-civil"
  | "sunrise"
  | "solar-noon"
  | "sunset"
  | "dusk-civil"
  | "dusk-nautical"
  | "dusk-astronomical";

/** The names of the library for each event. */
const EVENTS = {
  "dawn-astronomical": "nightEnd",
  "dawn-nautical": "nauticalDawn",
  "dawn-civil": "dawn",
  sunrise: "sunrise",
  "solar-noon": "solarNoon",
  sunset: "sunset",
  "dusk-civil": "dusk",
  "dusk-nautical": "nauticalDusk",
  "dusk-astronomical": "night",
} as const satisfies Readonly<Record<SolarEvent, string>>;

/** Every event that a schedule can follow. */
export const SOLAR_EVENTS: readonly string[] = Object.keys(EVENTS);

/** Whether `value` names an event of the sun. */
export function isSolarEvent(value: unknown): value is SolarEvent {
  return typeof value === "string" && Object.hasOwn(EVENTS, value);
}

/** Where and what a solar schedule follows. */
export interface SolarPlace {
  readonly event: SolarEvent;
  readonly latitude: number;
  readonly longitude: number;
}

const DAY_MS = 86_400_000;
/** Near the poles an event may not come for half a year. */
const MOST_DAYS = 400;

/** When the event comes next after `after`; days on which it does not come are passed over. Pure. */
export function nextSolarFire({ event, latitude, longitude }: SolarPlace, after: number): number | undefined {
  for (let day = -1; day < MOST_DAYS; day++) {
    const times = getTimes(new Date(after + day * DAY_MS), latitude, longitude);
    const at = times[EVENTS[event]]?.getTime();
    if (at !== undefined && !Number.isNaN(at)) {
      const whole = Math.floor(at / 1_000) * 1_000;
      if (whole > after) return whole;
    }
  }
  return undefined;
}
