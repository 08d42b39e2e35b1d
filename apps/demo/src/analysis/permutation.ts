import type { Chunk } from "../data-set/chunk.ts";
import type { Random } from "./random.ts";

/**
 * How likely a correlation of distance and delay as strong as the observed one is by chance alone: the share of
 * `rounds` shuffles of the delays that reach it (two-sided permutation test; never 0).
 */
export function permutationTest(
  { delays, distances }: Pick<Chunk, "delays" | "distances">,
  rounds: number,
  random: Random,
): number {
  const x = centred(distances);
  const y = centred(delays);
  // What rounding may take away from a shuffle that is as strong as the observed order.
  const observed = Math.abs(product(x, y)) * (1 - 1e-9);
  let reached = 0;
  for (let round = 0; round < rounds; round++) {
    shuffle(y, random);
    if (Math.abs(product(x, y)) >= observed) reached += 1;
  }
  return (reached + 1) / (rounds + 1);
}

function centred(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Float64Array.from(values, (value) => value - mean);
}

function product(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < x.length; index++) sum += (x[index] ?? 0) * (y[index] ?? 0);
  return sum;
}

function shuffle(values: Float64Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    const moved = values[last] ?? 0;
    values[last] = values[chosen] ?? 0;
    values[chosen] = moved;
  }
}
