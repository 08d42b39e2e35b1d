import type { Random } from "./random.ts";

/** The ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The 95 % interval of the mean of `values`: the middle of the means of `rounds` samples that are drawn from
 * them with replacement (percentile bootstrap).
 */
export function bootstrapMean(values: readonly number[], rounds: number, random: Random): Interval {
  const sample = Float64Array.from(values);
  const means = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) means[round] = meanOfResample(sample, random);
  means.sort();
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

function meanOfResample(sample: Float64Array, random: Random): number {
  const { length } = sample;
  let sum = 0;
  for (let draws = 0; draws < length; draws++) sum += sample[Math.floor(random() * length)] ?? Number.NaN;
  return sum / length;
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
}
