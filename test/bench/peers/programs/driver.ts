import type { NoopInput } from "../../work/tasks.ts";
import type { RunTimes } from "../../processes/worker-side.ts";

/** What a run is given. `sample` only makes it larger. */
export interface MatchInput extends NoopInput, RunTimes {
  readonly sample?: unknown;
}

/** What the client of a system can do. What it cannot is left out. Everything resolves once it is acknowledged. */
export interface Driver {
  add(input: MatchInput): Promise<unknown>;
  /** Everything in one call of the system. */
  addMany(inputs: readonly MatchInput[]): Promise<unknown>;
  /** How it is best told of very many: so many in one call, so many calls at a time. */
  readonly bulk: { readonly size: number; readonly lanes: number };
  /** Resolves to the result of the run. */
  call?(input: MatchInput): Promise<unknown>;
  /** Resolves to the results of the runs. @default `call` for each, all at a time */
  callMany?(inputs: readonly MatchInput[]): Promise<readonly unknown[]>;
  /** To be executed at this time of the clock on the wall. */
  addAt?(input: MatchInput, dueAt: number): Promise<unknown>;
  /** The same as `add` for each, `width` at a time, when there is a leaner way. */
  addEach?(inputs: readonly MatchInput[], width: number): Promise<void>;
  close(): Promise<unknown>;
}

/** What a driver is opened with. */
export interface DriverSettings {
  readonly url: string;
  readonly queue: string;
  readonly variant?: string | undefined;
}

/** Connect to a system. */
export type OpenDriver = (settings: DriverSettings) => Promise<Driver>;
