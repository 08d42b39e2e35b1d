import type { RunHandle } from "@umbel/client";
import { decode, type OutcomeRecord } from "@umbel/protocol";

/** A run whose enqueue was acknowledged. */
export interface LedgerEntry {
  readonly id: string;
  /** What it was enqueued as, such as "airport". */
  readonly kind: string;
  /** What it is about, such as "JFK". */
  readonly key: string;
  readonly acknowledgedAt: number;
  /** How it ended, once it has. */
  readonly outcome: OutcomeRecord | undefined;
  /** What its handler returned, if it has succeeded. */
  readonly result: unknown;
}

/** A run to be entered. */
export interface Acknowledged {
  readonly kind: string;
  readonly key: string;
  readonly handle: Pick<RunHandle<unknown>, "id" | "outcome">;
}

/** What the runs that have ended are followed by. */
export type FollowUps = (ended: LedgerEntry) => readonly Acknowledged[];

/** The producer's own book: every run that was acknowledged, and how it ended. */
export class RunLedger {
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #open = new Set<string>();
  readonly #listeners = new Set<(entry: LedgerEntry) => void>();
  readonly #followUps: FollowUps;

  constructor(followUps: FollowUps) {
    this.#followUps = followUps;
  }

  /** Every run, in the order of their acknowledgements. */
  get entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }

  /** How many runs have not ended. */
  get open(): number {
    return this.#open.size;
  }

  /** The run, unless it was never entered. */
  get(id: string): LedgerEntry | undefined {
    return this.#entries.get(id);
  }

  /** Enter a run, and wait for how it ends. A run that is known already is left alone. */
  enter({ kind, key, handle }: Acknowledged): void {
    const { id } = handle;
    if (this.#entries.has(id)) return;
    const entry = { id, kind, key, acknowledgedAt: Date.now(), outcome: undefined, result: undefined };
    this.#entries.set(id, entry);
    this.#open.add(id);
    // When the mesh is closed first, the run stays open in the book.
    handle
      .outcome()
      .then((outcome) => this.#end(entry, outcome))
      .catch(() => undefined);
  }

  /** Hear of every run that ends. Returns how to stop hearing. */
  onEnd(listener: (entry: LedgerEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when `count` more runs have ended, and at once when `signal` aborts. */
  async ended(count: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let ended = 0;
    const stopHearing = this.onEnd(() => {
      ended += 1;
      if (ended >= count) resolve();
    });
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
    await promise;
    stopHearing();
  }

  /** Resolves when every run has ended, and at once when `signal` aborts. */
  async allEnded(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopHearing = this.onEnd(() => this.#open.size === 0 && resolve());
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (this.#open.size === 0 || signal.aborted) resolve();
    await promise;
    stopHearing();
  }

  #end(entry: LedgerEntry, outcome: OutcomeRecord): void {
    const { result: bytes } = outcome;
    const ended = { ...entry, outcome, result: bytes === undefined ? undefined : decode(bytes, "result") };
    this.#entries.set(entry.id, ended);
    // Before it is closed itself: the book must not look complete in between.
    for (const followUp of this.#followUps(ended)) this.enter(followUp);
    this.#open.delete(entry.id);
    for (const listener of this.#listeners) listener(ended);
  }
}
