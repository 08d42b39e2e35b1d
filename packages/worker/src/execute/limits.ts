import type { RunMeta } from "@umbel/protocol";

/** What ends the time in which a run may start: nobody wants it any more, or all of it should be over. */
export type Limit = "expires" | "deadline";

type Limits = Pick<RunMeta, "expiresAt" | "deadlineAt">;

/** The limit that forbids an attempt to start at `moment`: of two, the one that came first. Pure. */
export function passedLimit({ expiresAt, deadlineAt }: Limits, moment: number): Limit | undefined {
  if (deadlineAt !== undefined && deadlineAt <= moment && deadlineAt < (expiresAt ?? Infinity))
    return "deadline";
  return expiresAt !== undefined && expiresAt <= moment ? "expires" : undefined;
}

/** `delayMs`, or less: a run that waits comes back when it can be said that it never starts. Pure. */
export function shortenToLimits(delayMs: number, { expiresAt, deadlineAt }: Limits, now: number): number {
  const leftMs = Math.min(expiresAt ?? Infinity, deadlineAt ?? Infinity) - now;
  return Math.max(1, Math.min(delayMs, Math.ceil(leftMs)));
}

/** What aborts an attempt, unless it ends before. */
export interface AttemptLimit {
  readonly cause: "timeout" | "deadline";
  readonly at: number;
  readonly afterMs: number;
}

/** The earlier of an attempt's timeout and its run's deadline. Pure. */
export function attemptLimit(
  startedAt: number,
  timeoutMs: number | undefined,
  deadlineAt: number | undefined,
): AttemptLimit | undefined {
  const timeoutAt = timeoutMs === undefined ? Infinity : startedAt + timeoutMs;
  if (deadlineAt !== undefined && deadlineAt < timeoutAt) {
    return { cause: "deadline", at: deadlineAt, afterMs: Math.max(0, deadlineAt - startedAt) };
  }
  return timeoutMs === undefined ? undefined : { cause: "timeout", at: timeoutAt, afterMs: timeoutMs };
}
