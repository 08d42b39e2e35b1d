import { defineTask, type Task } from "@umbel/client";

/** What a run that does nothing is given: about 180 bytes of MessagePack, as small jobs have. */
export interface NoopInput {
  readonly index: number;
  readonly kind: string;
  readonly to: string;
  readonly pad: string;
}

/** Where the measured runs wait. */
export const BENCH_QUEUE = "bench";
/** Where the runs wait that come before them. */
export const WARM_QUEUE = "warm";

/** Returns the index of its input. */
export const noop: Task<NoopInput, number> = defineTask<NoopInput, number>({
  name: "bench.noop",
  queue: BENCH_QUEUE,
});

const REST = { kind: "email.send", to: "someone@example.com", pad: "x".repeat(120) };

/** The input of the run with this index. */
export function noopInput(index: number): NoopInput {
  return { index, ...REST };
}

/** Waits until it is cancelled. */
export const waiting: Task<number, void> = defineTask<number, void>({
  name: "bench.wait",
  queue: BENCH_QUEUE,
});

/** What a run that is due at a moment is given. */
export interface DueInput {
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  /** Whether it counts, or only comes before. */
  readonly measured: boolean;
}

/** Says when it was due. */
export const due: Task<DueInput, number> = defineTask<DueInput, number>({
  name: "bench.due",
  queue: BENCH_QUEUE,
});

/** Does nothing for a while; its input repeats its priority. */
export const ranked: Task<{ readonly priority: string }, unknown> = defineTask<{ readonly priority: string }>(
  {
    name: "bench.ranked",
    queue: BENCH_QUEUE,
  },
);

/** What a run that computes is given. */
export interface BurnInput {
  readonly index: number;
  readonly iterations: number;
}

/** Computes on a thread, and returns the index of its input. */
export const burning: Task<BurnInput, number> = defineTask<BurnInput, number>({
  name: "bench.burn",
  queue: BENCH_QUEUE,
  runsOn: "thread",
});

/** Where the threads of a worker say which run they begin. */
export const EXECUTIONS_CHANNEL = "umbel-bench-executions";
