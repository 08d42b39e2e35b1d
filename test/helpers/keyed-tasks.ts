import { defineTask, fixed } from "@umbel/client";
import type { Noted } from "./tasks.ts";

// Contracts of tasks whose runs have keys. Their handlers are in keyed-handlers.ts.

const queue = "ordered";

/** What every keyed run is given: its key, and the how-many-th of its key it is. */
export interface Place extends Noted {
  readonly key: string;
  readonly number: number;
}

const key = (input: Place): string => input.key;

/**
 * Writes down its place when it starts and ends, `ms` milliseconds apart; returns its number. Its first attempt
 * asks for another one after `retryAfter`, if that is given.
 */
export const step = defineTask<Place & { readonly ms?: number; readonly retryAfter?: "5m" }, number>({
  name: "keyed.step",
  queue,
  key,
});
/** As {@link step}, but its first `failures` attempts fail. */
export const failingStep = defineTask<Place & { readonly failures: number }, number>({
  name: "keyed.failing-step",
  queue,
  key,
  retry: { maxAttempts: 5, backoff: fixed(300, { jitter: "none" }) },
});
/** Waits for the gate that is named as its key, or for `all`; returns its process id. */
export const gatedStep = defineTask<Place, number>({ name: "keyed.gated-step", queue, key });
/** Without a key, in the same queue: writes down that it was there. */
export const unkeyedStep = defineTask<Place, number>({ name: "keyed.unkeyed-step", queue });
/** Enqueues `children` runs of {@link step} with its own key; returns their ids. */
export const parentStep = defineTask<Place & { readonly children: number }, readonly string[]>({
  name: "keyed.parent-step",
  queue: "parents",
});
