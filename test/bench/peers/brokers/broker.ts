/** A fresh broker of one system, for one measurement. */
export interface Broker extends AsyncDisposable {
  /** For the programs. */
  readonly url: string;
  /** Its processes; their children count too. */
  readonly pids: readonly number[];
  /** How many runs wait or are being executed. */
  queuedRuns(): Promise<number>;
  /** How many runs have an outcome that is stored; `undefined` where none are kept. */
  storedOutcomes(): Promise<number | undefined>;
}
