import { every } from "@umbel/runtime";

/** What a {@link StallGuard} needs. */
export interface StallDeps {
  readonly ackWaitMs: number;
  /** Resolves when all that the broker has sent so far has arrived. */
  flush(): Promise<void>;
}

/** The guard looks at the clock so often, whatever the ack-wait. */
const MOST_BETWEEN_LOOKS_MS = 1_000;
const LOOKS_PER_ACK_WAIT = 4;

/**
 * Knows which deliveries are too old to be touched. When this process was stopped, or its loop blocked, for longer
 * than the ack-wait, the broker has given its runs to others; but the old deliveries are still in the socket, look
 * like first ones, and come before any timer fires.
 */
export class StallGuard implements Disposable {
  readonly #deps: StallDeps;
  readonly #stop: () => void;
  #lookedAt = performance.now();
  #doubting = false;

  constructor(deps: StallDeps) {
    this.#deps = deps;
    const lookEveryMs = Math.min(MOST_BETWEEN_LOOKS_MS, deps.ackWaitMs / LOOKS_PER_ACK_WAIT);
    this.#stop = every(lookEveryMs, () => this.#look());
  }

  /**
   * Whether a delivery that arrives now may have been sent more than an ack-wait ago. Whoever sent it sends it
   * again, to us or another worker; acking it or handing it back would be felt by that other one.
   */
  get suspicious(): boolean {
    if (performance.now() - this.#lookedAt >= this.#deps.ackWaitMs) this.#look();
    return this.#doubting;
  }

  /** Whether the broker, which last heard of a delivery at `heardAt` (`performance.now()`), has given it to others. */
  isStale(heardAt: number): boolean {
    return performance.now() - heardAt >= this.#deps.ackWaitMs;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #look(): void {
    const now = performance.now();
    const stalled = now - this.#lookedAt >= this.#deps.ackWaitMs;
    this.#lookedAt = now;
    if (!stalled || this.#doubting) return;
    this.#doubting = true;
    // A connection that is down now brings nothing old when it is up again.
    const trust = (): void => void (this.#doubting = false);
    this.#deps.flush().then(trust, trust);
  }
}
