import { defineTask, fixed } from "@umbel/client";
import type { Noted } from "./tasks.ts";

// Contracts of tasks that try the life of a worker. Their handlers are in life-handlers.ts.

const retry = { maxAttempts: 2, backoff: fixed(20, { jitter: "none" }) } as const;

/** Something that its handler sets going and does not wait for throws; it never ends by itself. */
export const stray = defineTask<Noted & { readonly how: StrayKind }, never>({
  name: "life.stray",
  queue: "stray",
  retry,
});
/** Where the error of {@link stray} comes from. `background` is nothing that the handler has started. */
export type StrayKind = "promise" | "timer" | "listener" | "late-promise" | "background";
/** Returns, and throws afterwards. */
export const strayAfter = defineTask<Noted, string>({ name: "life.stray-after", queue: "stray" });
/** Ends its process by `process.exit(7)`, the first `times` times; then returns how often it was begun. */
export const exit = defineTask<Noted & { readonly times: number }, number>({
  name: "life.exit",
  queue: "deadly",
});
/** Keeps the event loop busy for `ms` milliseconds when it is begun for the first time; returns its process id. */
export const blockOnce = defineTask<Noted & { readonly ms: number }, number>({
  name: "life.block-once",
  queue: "deadly",
});
/** On a thread: ends its whole process as a native addon does that aborts, the first `times` times. */
export const nativeAbort = defineTask<Noted & { readonly times: number }, number>({
  name: "life.abort",
  queue: "deadly-cpu",
  runsOn: "thread",
});
/** On a thread: computes for `ms` milliseconds; returns the id of its thread. */
export const threadOf = defineTask<Noted & { readonly ms: number }, number>({
  name: "life.thread-of",
  queue: "life-cpu",
  runsOn: "thread",
});
/** On a thread: fills its memory until it ends, without buffers. */
export const hoard = defineTask<Noted, never>({
  name: "life.hoard",
  queue: "life-cpu",
  runsOn: "thread",
  retry,
});
