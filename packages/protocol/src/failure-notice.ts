import type { AttemptError } from "./attempt-error.ts";
import type { DeadLetterReason } from "./dead-letter-reason.ts";
import type { SerializedError } from "./serialized-error.ts";

/** The input of an `onFailure` task: which run has failed for good, and with what. */
export interface FailureNotice {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  readonly state: "failed" | "expired";
  /** Why it will not be tried again. */
  readonly reason: DeadLetterReason | "expired";
  /** More about the reason, in words, if there is more. */
  readonly detail?: string;
  /** The last error; absent when the run expired before it failed once. */
  readonly error?: SerializedError;
  /** Every error that is kept, oldest first. */
  readonly errors: readonly AttemptError[];
  readonly attempts: number;
  /** How often a handler is known to have been begun. */
  readonly starts: number;
  /** When it was given up, in milliseconds since the epoch. */
  readonly failedAt: number;
  readonly enqueuedAt: number;
  /** The run's input; absent when it cannot be read or is larger than 64 KiB: the dead letter has its bytes. */
  readonly input?: unknown;
  readonly tags: readonly string[];
  /** The first run of the line of handlers that enqueued it: itself, when none did. */
  readonly rootRunId: string;
}
