import { availableParallelism } from "node:os";

/** How large the demo's mesh is. */
export interface Sizes {
  /** The cores that this process may use. */
  readonly cores: number;
  /** The threads of each of the two workers. */
  readonly threads: readonly [number, number];
  /** Runs at a time on the loop of each worker. */
  readonly slots: number;
  readonly ackWaitMs: number;
}

const SLOTS = 16;
const ACK_WAIT_MS = 5_000;
/** More would only leave less to do for each. */
const MOST_THREADS = 16;

/** Sizes for a machine with `cores` cores: as many threads as cores, on two workers. Pure. */
export function sizesFor(cores: number = availableParallelism()): Sizes {
  const threads = Math.max(2, Math.min(MOST_THREADS, cores));
  return {
    cores,
    threads: [Math.ceil(threads / 2), Math.floor(threads / 2)],
    slots: SLOTS,
    ackWaitMs: ACK_WAIT_MS,
  };
}

/** All threads of both workers. */
export function threadsOf({ threads: [first, second] }: Sizes): number {
  return first + second;
}
