/** A shortest way that is older than one to two of these is forgotten: clocks drift apart. */
const WINDOW_MS = 30_000;

/** A delivery, as far as it tells the time. */
export interface TimedDelivery {
  /** When the broker stored its message, by the server's clock. */
  readonly storedAt: number;
  /** When it arrived here, by `performance.now()`. */
  readonly receivedAt: number;
}

/**
 * The server's clock, as deliveries tell it: a message that is stored at three cannot arrive before three. The
 * delivery that took the shortest way tells it best. So it is never ahead of the server's clock, and behind it by
 * that way; this machine's own clock may say what it likes.
 */
export class ServerClock {
  #shortest = Number.POSITIVE_INFINITY;
  #shortestBefore = Number.POSITIVE_INFINITY;
  #windowEndsAt = Number.NEGATIVE_INFINITY;

  /** A delivery has arrived. */
  observe({ storedAt, receivedAt }: TimedDelivery): void {
    if (receivedAt >= this.#windowEndsAt) {
      const isNext = receivedAt < this.#windowEndsAt + WINDOW_MS;
      this.#shortestBefore = isNext ? this.#shortest : Number.POSITIVE_INFINITY;
      this.#shortest = Number.POSITIVE_INFINITY;
      this.#windowEndsAt = receivedAt + WINDOW_MS;
    }
    this.#shortest = Math.min(this.#shortest, receivedAt - storedAt);
  }

  /** The server's time at `now` of `performance.now()`. Only once something was observed. */
  at(now: number): number {
    return now - Math.min(this.#shortest, this.#shortestBefore);
  }
}
