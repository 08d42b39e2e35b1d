/** When a run of a limited task may begin. */
export type Turn =
  | { readonly action: "begin" }
  /** So soon that it is worth waiting here. Its turn is kept. */
  | { readonly action: "hold"; readonly waitMs: number }
  /** Others may have it meanwhile. */
  | { readonly action: "return"; readonly delayMs: number };

interface Bucket {
  readonly rate: string;
  readonly intervalMs: number;
  /** When the next one may begin. */
  nextAt: number;
  /** When the next one that is given back should return: one after another, so that each finds a turn. */
  returnAt: number;
}

/** What is due later is given back, so that nothing held needs a heartbeat. */
const LONGEST_HOLD_MS = 500;
/** Whoever would have to wait longer comes back some time before that, and is looked at again. */
const LONGEST_RETURN_MS = 30_000;

/**
 * How often tasks may begin on this worker, where an operator has said so: evenly spaced, without bursts, each worker
 * for itself.
 */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();

  /** Whether there is any limit: every run asks. */
  get active(): boolean {
    return this.#buckets.size > 0;
  }

  /** The limit of `task` as it was set. */
  rateOf(task: string): string | undefined {
    return this.#buckets.get(task)?.rate;
  }

  /** Limit `task` to one start each `intervalMs`; `undefined`: no more. */
  set(task: string, limit: { readonly rate: string; readonly intervalMs: number } | undefined): void {
    if (limit === undefined) this.#buckets.delete(task);
    else this.#buckets.set(task, { ...limit, nextAt: 0, returnAt: 0 });
  }

  /** When a run of `task` that is here `now` (`performance.now()`) may begin. `random`: from 0 to 1. */
  take(task: string, now: number, random: number): Turn {
    const bucket = this.#buckets.get(task);
    if (bucket === undefined) return { action: "begin" };
    const waitMs = bucket.nextAt - now;
    if (waitMs <= LONGEST_HOLD_MS) {
      bucket.nextAt = Math.max(bucket.nextAt, now) + bucket.intervalMs;
      return waitMs <= 0 ? { action: "begin" } : { action: "hold", waitMs };
    }
    return { action: "return", delayMs: returnDelay(bucket, now, random) };
  }
}

function returnDelay(bucket: Bucket, now: number, random: number): number {
  const at = Math.max(bucket.returnAt, bucket.nextAt);
  // Too many wait for a place each: they spread by chance.
  if (at - now > LONGEST_RETURN_MS) return (LONGEST_RETURN_MS / 2) * (1 + random);
  bucket.returnAt = at + bucket.intervalMs;
  return at - now;
}
