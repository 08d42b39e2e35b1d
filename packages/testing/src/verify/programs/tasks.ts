import { defineTask, fixed, type Task } from "@umbel/client";
import { MOST_ATTEMPTS } from "../plan/plan-operations.ts";

/** The queues of a verification. */
export const QUEUES = { loop: "verify", thread: "verify-cpu", keyed: "verify-keyed" } as const;

/** How long a debounced run waits for the next enqueue of its key. */
export const DEBOUNCE_MS = 1_500;
/** How often a schedule fires, and how often each one does. */
export const FIRINGS = { everyMs: 1_000, times: 3 } as const;

/** How long after a failure the next attempt is due, at least. */
export const BACKOFF_MS = 300;

/** What every run of a verification is given. */
export interface Work {
  /** The number of its operation; returned. */
  readonly n: number;
  readonly workMs: number;
  readonly failures: number;
  readonly children: number;
  readonly key: string;
}

const retry = { maxAttempts: MOST_ATTEMPTS, backoff: fixed(BACKOFF_MS, { jitter: "none" }) } as const;

/** Works, fails as often as it is told to, enqueues its children, and returns its number. */
export const work: Task<Work, number> = defineTask<Work, number>({
  name: "verify.work",
  queue: QUEUES.loop,
  retry,
});
/** The same, on a thread. */
export const compute: Task<Work, number> = defineTask<Work, number>({
  name: "verify.compute",
  queue: QUEUES.thread,
  runsOn: "thread",
  retry,
});
/** The same, one at a time of each key. */
export const step: Task<Work, number> = defineTask<Work, number>({
  name: "verify.step",
  queue: QUEUES.keyed,
  key: ({ key }) => key,
  retry,
});
/** The same, and no other of its key until it is done. */
export const single: Task<Work, number> = defineTask<Work, number>({
  name: "verify.single",
  queue: QUEUES.loop,
  unique: "until-done",
  uniqueKey: ({ key }) => key,
  retry,
});
/** The same, with the last of the inputs of its key that came close together. */
export const latest: Task<Work, number> = defineTask<Work, number>({
  name: "verify.latest",
  queue: QUEUES.loop,
  debounce: { for: DEBOUNCE_MS, key: ({ key }) => key },
  retry,
});
