/** The middle of `values`; the mean of the two in the middle when their number is even. @throws RangeError for none */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError("median of no values");
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The least of `values` that at least `percent` per cent of them do not exceed. @throws RangeError for none */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = ascending(values);
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil((percent / 100) * sorted.length)));
  const found = sorted[rank - 1];
  if (found === undefined) throw new RangeError("percentile of no values");
  return found;
}

/** A measured value, and how much had been done by then. */
export interface Sample {
  readonly done: number;
  readonly value: number;
}

/**
 * By how much the value grows from the first sample to the last, along the straight line that fits all of them
 * best, as a part of the first value: 0.05 is 5 %.
 *
 * @throws RangeError for fewer than two samples, or when nothing was done between them.
 */
export function relativeGrowth(samples: readonly Sample[]): number {
  const first = samples.at(0);
  const last = samples.at(-1);
  if (first === undefined || last === undefined || first.done === last.done) {
    throw new RangeError("growth needs two samples at different times");
  }
  return (slope(samples) * (last.done - first.done)) / first.value;
}

function slope(samples: readonly Sample[]): number {
  const meanDone = mean(samples.map(({ done }) => done));
  const meanValue = mean(samples.map(({ value }) => value));
  let together = 0;
  let spread = 0;
  for (const { done, value } of samples) {
    together += (done - meanDone) * (value - meanValue);
    spread += (done - meanDone) ** 2;
  }
  return together / spread;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function ascending(values: readonly number[]): readonly number[] {
  return values.toSorted((left, right) => left - right);
}
