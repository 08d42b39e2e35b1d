import type { CronPattern } from "./cron.ts";
import { offsetAt, placeWall, wallAt, type WallTime } from "./time-zone.ts";

/** What happens to a time that the clocks skip: it fires at the first moment `after` the gap, or not (`skip`). */
export type GapPolicy = "after" | "skip";
/** What happens to a time that the clocks show twice: it fires the `first` time, the `last` time, or `both` times. */
export type RepeatPolicy = "first" | "last" | "both";

/** How a cron expression meets the clocks of a zone. */
export interface ZonePolicy {
  readonly timeZone: string;
  readonly gap: GapPolicy;
  readonly repeat: RepeatPolicy;
}

const DAY_MS = 86_400_000;

/** The first moment after `after` at which `cron` fires, in milliseconds since the epoch. Pure. */
export function nextCronFire(cron: CronPattern, zone: ZonePolicy, after: number): number | undefined {
  const wall = wallAt(zone.timeZone, after);
  const ahead = firstAhead(cron, zone, { wall, after });
  if (zone.repeat === "first") return ahead;
  // Before the clocks are put back, times that were shown already come once more.
  const later = offsetAt(zone.timeZone, after + DAY_MS);
  const from = after + later;
  if (from >= wall) return ahead;
  const until = Math.min(wall, (ahead ?? Infinity) + later);
  for (let found = cron.next(from); found !== undefined && found <= until; found = cron.next(found)) {
    const again = earliestFire(placeWall(zone.timeZone, found), zone, after);
    if (again !== undefined) return Math.min(again, ahead ?? Infinity);
  }
  return ahead;
}

function firstAhead(
  cron: CronPattern,
  zone: ZonePolicy,
  { wall, after }: { readonly wall: number; readonly after: number },
): number | undefined {
  for (let found = cron.next(wall); found !== undefined; found = cron.next(found)) {
    const at = earliestFire(placeWall(zone.timeZone, found), zone, after);
    if (at !== undefined) return at;
  }
  return undefined;
}

function earliestFire(place: WallTime, { gap, repeat }: ZonePolicy, after: number): number | undefined {
  return firesAt(place, gap, repeat).find((at) => at > after);
}

function firesAt(place: WallTime, gap: GapPolicy, repeat: RepeatPolicy): readonly number[] {
  switch (place.kind) {
    case "once":
      return [place.at];
    case "skipped":
      return gap === "after" ? [place.after] : [];
    case "repeated":
      if (repeat === "both") return [place.first, place.last];
      return [repeat === "first" ? place.first : place.last];
    default:
      return place satisfies never;
  }
}
