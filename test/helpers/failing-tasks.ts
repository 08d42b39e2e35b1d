import { defineTask, fixed, type FailureNotice } from "@umbel/client";
import type { Noted } from "./tasks.ts";

// Contracts of tasks whose runs fail. Their handlers are in failing-handlers.ts, failing-thread-handlers.ts and
// cleanup-handlers.ts.

/** An error as the input of a task, which throws it. */
export interface Thrown {
  readonly message?: string;
  readonly name?: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
  /** As the `Retry-After` header of its response. */
  readonly header?: string;
  /** The code of its cause. */
  readonly causeCode?: string;
}

/** Throws `throws` in every attempt, or in the first `times`; then returns the number of the attempt. */
export interface ThrowingInput extends Noted {
  readonly throws: Thrown;
  readonly times?: number;
}

const onThread = { queue: "failing-cpu", runsOn: "thread" } as const;
const soon = fixed(20, { jitter: "none" });

/** Hears of failures; returns what it is told. */
export const cleanup = defineTask<FailureNotice, FailureNotice>({
  name: "failing.cleanup",
  queue: "cleanup",
});

const ownDelays = ({ attempt, error }: { attempt: number; error: { code?: string } }): number => {
  if (error.code === "BROKEN") throw new Error("the backoff has no idea");
  return attempt * 40;
};
/** With a backoff of its own: 40 ms more each time; it throws for an error of code BROKEN. */
export const ownBackoff = defineTask<ThrowingInput, number>({
  name: "failing.own-backoff",
  retry: { maxAttempts: 3, backoff: ownDelays },
});

const picky = { maxAttempts: 2, backoff: soon, retryOn: ["EAGAIN", "TypeError"] } as const;
/** Is tried again only for EAGAIN and TypeErrors. */
export const pickyLoop = defineTask<ThrowingInput, number>({ name: "failing.picky", retry: picky });
/** The same on a thread. */
export const pickyThread = defineTask<ThrowingInput, number>({
  name: "failing.picky-thread",
  retry: picky,
  ...onThread,
});

const careful = {
  maxAttempts: 2,
  backoff: soon,
  discardOn: ({ message }: { message: string }): boolean => message.startsWith("hopeless"),
} as const;
/** Is not tried again for what is hopeless. */
export const carefulLoop = defineTask<ThrowingInput, number>({ name: "failing.careful", retry: careful });
/** The same on a thread. */
export const carefulThread = defineTask<ThrowingInput, number>({
  name: "failing.careful-thread",
  retry: careful,
  ...onThread,
});

/** Has little time. */
export const hurried = defineTask<ThrowingInput, number>({
  name: "failing.hurried",
  retry: { maxAttempts: Number.POSITIVE_INFINITY, backoff: fixed(100, { jitter: "none" }), maxElapsed: 450 },
});

const reported = { onFailure: cleanup, retry: { maxAttempts: 2, backoff: soon } } as const;
/** Has its failures reported. */
export const reportedLoop = defineTask<ThrowingInput, number>({ name: "failing.reported", ...reported });
/** The same on a thread. */
export const reportedThread = defineTask<ThrowingInput, number>({
  name: "failing.reported-thread",
  ...reported,
  ...onThread,
});
/** Kills its process. */
export const reportedCrash = defineTask<Noted, never>({ name: "failing.crash", ...reported });
/** Waits for the gate `<run id>` or `<run id>-<process id>`, then discards itself. */
export const reportedGate = defineTask<Noted, never>({ name: "failing.gate", ...reported });
/** Fails although it hears of failures. */
export const clumsyCleanup = defineTask<FailureNotice, never>({
  name: "failing.clumsy-cleanup",
  queue: "cleanup",
  onFailure: cleanup,
  retry: { maxAttempts: 1 },
});
/** Has its failures reported to {@link clumsyCleanup}. */
export const badlyReported = defineTask<ThrowingInput, number>({
  name: "failing.badly-reported",
  retry: { maxAttempts: 1 },
  onFailure: clumsyCleanup,
});

/** Returns its value, which nobody reads. */
export const forgotten = defineTask<Noted & { readonly value: unknown }>({
  name: "failing.forgotten",
  ignoreResult: true,
});
/** The same on a thread. */
export const forgottenThread = defineTask<Noted & { readonly value: unknown }>({
  name: "failing.forgotten-thread",
  ignoreResult: true,
  ...onThread,
});
