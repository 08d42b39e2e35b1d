/** What a round has measured, by name: `rate` (a second), `p50Ms`, `p99Ms` and the like. */
export type Figures = Readonly<Record<string, number>>;

/** Whose code is measured: the leanest that does the same, or ours. */
export type Side = "raw" | "ours";

/** What one measurement is made with. */
export interface Circumstances {
  readonly side: Side;
  /** From 1. */
  readonly round: number;
  /** How many runs are measured. */
  readonly n: number;
  /** How often the server forces its data to the disk. */
  readonly syncInterval: string;
  /** Where the processes of our side put their CPU profiles, if they do. */
  readonly profileDir: string | undefined;
}

/** Measure one side once, on a server of its own. @throws Error when a run was lost or executed twice */
export type Measure = (circumstances: Circumstances) => Promise<Figures>;

/** What a figure must come to. Ratios are ours to raw, round by round, and the median of that. */
export interface Gate {
  readonly figure: string;
  readonly of: "ratio" | "ours";
  readonly least?: number;
  readonly most?: number;
}

/** One thing that is measured. */
export interface Scenario {
  readonly name: string;
  /** One line for the list of scenarios. */
  readonly about: string;
  readonly n: number;
  readonly rounds: number;
  /** In the order in which a round measures them. */
  readonly sides: readonly Side[];
  /** The figure that `ratio` speaks of. */
  readonly main: string;
  readonly gates: readonly Gate[];
  /** Get ready to measure any number of rounds. */
  prepare(): Measure | Promise<Measure>;
}
