import { median } from "../../measure/statistics.ts";
import type { ContenderResult } from "../results.ts";

/** What several rounds come to. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

/** Pure. `undefined` for no values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return {
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
    rounds: values.length,
  };
}

/** What the rounds of a contender come to in one figure. Pure. */
export function figureSpread({ rounds }: ContenderResult, figure: string): Spread | undefined {
  return spreadOf(rounds.flatMap((figures) => valueOf(figures, figure)));
}

/** Ours as a part of theirs, each round with its own: the speed of a machine drifts. Pure. */
export function ratioSpread(
  ours: ContenderResult,
  theirs: ContenderResult,
  figure: string,
): Spread | undefined {
  return spreadOf(
    ours.rounds.flatMap((figures, round) => {
      const [mine] = valueOf(figures, figure);
      const [its] = valueOf(theirs.rounds[round], figure);
      return mine === undefined || its === undefined || its === 0 ? [] : [mine / its];
    }),
  );
}

function valueOf(
  figures: Readonly<Record<string, number>> | null | undefined,
  figure: string,
): readonly number[] {
  const value = figures?.[figure];
  return value === undefined || !Number.isFinite(value) ? [] : [value];
}
