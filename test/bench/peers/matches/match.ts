import type { Figures } from "../../scenario.ts";
import type { Contender, System } from "../contenders/contender.ts";

/** What a match is measured with. */
export interface MatchCircumstances {
  /** How many runs. */
  readonly n: number;
  /** From 1. */
  readonly round: number;
  /** Where processes put their CPU profiles, if they do. */
  readonly profileDir?: string | undefined;
}

/** A figure, and which way is better. */
export interface MainFigure {
  readonly figure: string;
  readonly better: "more" | "less";
  /** Told without a ratio. */
  readonly alone?: true;
}

/** One thing that is measured of several contenders, in turns. */
export interface Match {
  readonly name: string;
  /** One line. */
  readonly about: string;
  readonly n: number;
  /** So much less for slow systems, so that they do not take all the time. @default all of `n` */
  readonly share?: Readonly<Partial<Record<System, number>>>;
  readonly rounds: number;
  /** Names, in the order in which a round measures them. The first is ours, which the others are compared with. */
  readonly contenders: readonly [string, ...string[]];
  /** The figures that the report tells; others are in its JSON. */
  readonly figures: readonly [MainFigure, ...MainFigure[]];
  /** @throws Error when a run was lost or executed twice */
  measure(contender: Contender, circumstances: MatchCircumstances): Promise<Figures>;
}

/** How many runs a contender is measured with. Pure. */
export function runsOf({ n, share = {} }: Pick<Match, "n" | "share">, system: System): number {
  return Math.max(1, Math.round(n * (share[system] ?? 1)));
}
