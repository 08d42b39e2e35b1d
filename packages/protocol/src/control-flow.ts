import { parseDuration, type Duration } from "./duration.ts";

/** Thrown by `ctx.retry()`: not a failure of the handler's code, but a request to run again. */
export class RetryRequest extends Error {
  override readonly name: string = "RetryRequest";
  /** Milliseconds until the next attempt; `undefined` leaves it to the task's backoff. */
  readonly delayMs: number | undefined;

  constructor(reason: string, delayMs?: number) {
    super(reason);
    this.delayMs = delayMs;
  }
}

/** Thrown by `ctx.discard()`: the run has failed for good and must not be tried again. */
export class DiscardRequest extends Error {
  override readonly name: string = "DiscardRequest";
}

/** How a handler asks for another attempt. */
export interface RetryOptions {
  /** Until the next attempt. @default the task's backoff */
  readonly delay?: Duration;
  /** Kept in the run's error history. */
  readonly reason?: string;
}

/** Ask for another attempt: always throws. */
export function requestRetry(options: RetryOptions = {}): never {
  const delayMs = options.delay === undefined ? undefined : parseDuration(options.delay, "retry.delay");
  throw new RetryRequest(options.reason ?? "the handler asked for a retry", delayMs);
}

/** Ask that the run be discarded: always throws. */
export function requestDiscard(reason: string): never {
  throw new DiscardRequest(reason);
}
