/** Where time comes from, so that a test can hold it. */
export interface Clock {
  /** Milliseconds since the epoch. May jump when the system's clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary start. Never goes back: for measuring how long something took. */
  monotonic(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
