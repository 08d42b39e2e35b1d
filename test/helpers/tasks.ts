import { defineTask, exponential, fixed } from "@umbel/client";
import { z } from "zod";

// Contracts of the tasks that the tests enqueue. Their handlers are in loop-handlers.ts and thread-handlers.ts.

/** Where handlers write down what they do. */
export interface Noted {
  readonly journal: string;
}

/** What {@link inspect} returns: what a handler can know of its run. */
export interface Seen {
  readonly pid: number;
  readonly attempt: number;
  readonly delivery: number;
  readonly start: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly traceId: string | undefined;
}

const soon = { maxAttempts: 3, backoff: fixed(20, { jitter: "none" }) } as const;

/** Returns its value. */
export const echo = defineTask<Noted & { readonly value: unknown }>({ name: "test.echo" });
/** Like {@link echo}, without the journal: for many. */
export const quick = defineTask<number, number>({ name: "test.quick" });
/** Takes what its schema takes. */
export const strict = defineTask({
  name: "test.strict",
  input: z.object({ journal: z.string(), size: z.int().positive() }),
  output: z.object({ size: z.int().max(100) }),
});
/** Throws in every attempt. */
export const fail = defineTask<Noted & { readonly message?: string }, never>({
  name: "test.fail",
  retry: soon,
});
/** Throws in the first `failures` attempts, then returns the number of the attempt. */
export const flaky = defineTask<Noted & { readonly failures: number }, number>({
  name: "test.flaky",
  retry: soon,
});
/** As {@link flaky}, with the default backoff. */
export const patient = defineTask<Noted & { readonly failures: number }, number>({ name: "test.patient" });
/** As {@link flaky}, with a backoff of two minutes. */
export const slowRetry = defineTask<Noted & { readonly failures: number }, number>({
  name: "test.slow-retry",
  retry: { maxAttempts: 3, backoff: exponential({ base: "2m", jitter: "none" }) },
});
/** Asks for a retry after `delay` milliseconds, then returns the number of the attempt. */
export const again = defineTask<Noted & { readonly delay: number }, number>({
  name: "test.again",
  retry: { maxAttempts: 2, backoff: fixed("1h") },
});
/** Discards itself. */
export const discard = defineTask<Noted, never>({ name: "test.discard" });
/** Waits `ms` milliseconds, or until its signal aborts; returns its process id. */
export const rest = defineTask<Noted & { readonly ms: number }, number>({ name: "test.rest" });
/**
 * Waits for one of the gates `all`, `<run id>` and `<run id>-<process id>`; returns its process id. `deaf` ignores
 * the signal, `next` says what it does at the end.
 */
export const gated = defineTask<GatedInput, number>({ name: "test.gated" });
/** What {@link gated} takes. */
export interface GatedInput extends Noted {
  readonly deaf?: boolean;
  readonly next?: "return" | "discard" | "enqueue" | "retry";
}
/** Never ends, and does not listen to its signal. */
export const hang = defineTask<Noted, never>({ name: "test.hang" });
/** Keeps the event loop busy for `ms` milliseconds, then waits as {@link gated} does. */
export const block = defineTask<Noted & { readonly ms: number }, number>({ name: "test.block" });
/** Kills its process at its end, the first `times` times. */
export const crash = defineTask<Noted & { readonly times: number }, number>({ name: "test.crash" });
/** Enqueues `children` runs of {@link echo}, then kills its process the first `crashes` times; returns their ids. */
export const parent = defineTask<
  Noted & { readonly children: number; readonly crashes?: number },
  readonly string[]
>({ name: "test.parent" });
/** Returns what its context says. */
export const inspect = defineTask<Noted, Seen>({ name: "test.inspect" });

const onThread = { queue: "cpu", runsOn: "thread", retry: soon } as const;

/** Computes for `ms` milliseconds; returns its process id. */
export const spin = defineTask<Noted & { readonly ms: number }, number>({ name: "cpu.spin", ...onThread });
/** Computes for ever. */
export const spinForever = defineTask<Noted, never>({
  name: "cpu.spin-forever",
  ...onThread,
  retry: { maxAttempts: 1 },
});
/** Ends its thread, or its process, in a way of its own. */
export const mishap = defineTask<
  Noted & { readonly how: "exit" | "throw-text" | "throw-nothing" | "memory" | "late-throw" },
  never
>({ name: "cpu.mishap", ...onThread, retry: { maxAttempts: 2, backoff: fixed(20, { jitter: "none" }) } });
/** Returns what its context says, and enqueues {@link inspect}. */
export const inspectThread = defineTask<Noted, Seen & { readonly childId: string }>({
  name: "cpu.inspect",
  ...onThread,
});
/** Writes down when its signal aborted, while it awaits `ms` milliseconds. */
export const listen = defineTask<Noted & { readonly ms: number }, number>({
  name: "cpu.listen",
  ...onThread,
});
