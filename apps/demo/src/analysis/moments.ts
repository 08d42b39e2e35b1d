import type { Chunk } from "../data-set/chunk.ts";

/**
 * The sums that means, correlation and regression follow from (x: distance, y: delay). All are whole numbers, so
 * adding those of many chunks gives exactly those of all flights, in whatever order they come.
 */
export interface Moments {
  readonly count: number;
  readonly x: number;
  readonly y: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/** The moments of no flight. */
export const NO_MOMENTS: Moments = { count: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };

/** The moments of a chunk's flights. */
export function momentsOf({ delays, distances }: Pick<Chunk, "delays" | "distances">): Moments {
  const sums = { count: delays.length, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };
  for (const [index, y] of delays.entries()) {
    const x = distances[index] ?? Number.NaN;
    sums.x += x;
    sums.y += y;
    sums.xx += x * x;
    sums.xy += x * y;
    sums.yy += y * y;
  }
  return sums;
}

/** The moments of both. */
export function addMoments(one: Moments, other: Moments): Moments {
  return {
    count: one.count + other.count,
    x: one.x + other.x,
    y: one.y + other.y,
    xx: one.xx + other.xx,
    xy: one.xy + other.xy,
    yy: one.yy + other.yy,
  };
}

/** Pearson's correlation of distance and delay; 0 where one of them does not vary. */
export function correlation({ count, x, y, xx, xy, yy }: Moments): number {
  const spread = (count * xx - x * x) * (count * yy - y * y);
  return spread <= 0 ? 0 : (count * xy - x * y) / Math.sqrt(spread);
}

/** Minutes of delay that every mile adds, by least squares; 0 where the distance does not vary. */
export function slope({ count, x, y, xx, xy }: Moments): number {
  const spread = count * xx - x * x;
  return spread <= 0 ? 0 : (count * xy - x * y) / spread;
}
