import type { OnRetry } from "../lanes.ts";
import type { Priority } from "../priority.ts";
import type { CallRetry } from "../retry-policy.ts";
import type { FailureTask } from "../run-header.ts";
import { invalidArgument } from "../umbel-error.ts";
import type { RuleSpan } from "./rule.ts";

/**
 * What becomes of firings that nobody could make in time, because the broker or all workers were down: none of them
 * is made up for (`skip`), only the `latest`, or `all` of them.
 */
export type CatchUpPolicy = "skip" | "latest" | "all";

/**
 * What happens when a schedule fires while a run of its own has not ended: another run beside it (`allow`), none
 * (`skip`), one that waits until it has ended (`queue`), or one in its place (`cancel-previous`).
 */
export type OverlapPolicy = "allow" | "skip" | "queue" | "cancel-previous";

export const CATCH_UP_POLICIES: readonly CatchUpPolicy[] = ["skip", "latest", "all"];
export const OVERLAP_POLICIES: readonly OverlapPolicy[] = ["allow", "skip", "queue", "cancel-previous"];

/** What every run of a schedule is: its task as its producer knew it, its input, its options. */
export interface RunTemplate {
  readonly task: string;
  readonly queue: string;
  readonly priority: Priority;
  /** The encoded input. */
  readonly input: Uint8Array;
  /** The task's own, for whoever enqueues without its definition. Lengths in milliseconds. */
  readonly taskExpiresMs?: number;
  readonly taskDeadlineMs?: number;
  readonly onFailure?: FailureTask;
  readonly onRetry?: OnRetry;
  readonly key?: string;
  readonly retry?: CallRetry;
  readonly timeoutMs?: number;
  readonly deadlineMs?: number;
  readonly resultTtlMs?: number;
  readonly ignoreResult?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** A schedule as it is defined: when it fires, what it makes then, and how it meets what goes wrong. */
export interface ScheduleDefinition extends RuleSpan {
  readonly run: RunTemplate;
  readonly catchUp: CatchUpPolicy;
  /** The most firings that `all` makes up for at once. */
  readonly catchUpLimit: number;
  readonly overlap: OverlapPolicy;
  /** A firing that is later than this is missed, and its run does not start later. */
  readonly expiresMs?: number;
  /** Each run is due a while after the firing, up to this; the same for the same firing, whoever asks. */
  readonly jitterMs?: number;
  /** It ends after so many firings that made a run. */
  readonly maxRuns?: number;
  readonly description?: string;
}

const SCHEDULE_ID = /^[A-Za-z0-9_-]+$/;
/** Room for a moment behind it in the longest run id. */
export const MAX_SCHEDULE_ID = 40;

/** @throws UmbelError `invalid_argument` unless `value` can name a schedule. */
export function checkScheduleId(value: unknown, field = "id"): string {
  if (typeof value === "string" && isScheduleId(value)) return value;
  throw invalidArgument({
    field,
    received: value,
    expected: `the id of a schedule: 1 to ${MAX_SCHEDULE_ID} letters, digits, "_" or "-"`,
    fix: 'For example "good-night".',
  });
}

/** Whether `value` can name a schedule. */
export function isScheduleId(value: string): boolean {
  return value.length <= MAX_SCHEDULE_ID && SCHEDULE_ID.test(value);
}

/** The id of the run that a firing makes: the same for everyone who makes it. `fireAt` in milliseconds. */
export function firedRunId(scheduleId: string, fireAt: number): string {
  const compact = new Date(fireAt).toISOString().replaceAll(/[-:.]/g, "").replace("000Z", "Z");
  return `${scheduleId}-${compact}`;
}

/** How long after its firing a run of a schedule with jitter is due, in whole milliseconds. */
export function jitterOf(runId: string, jitterMs: number): number {
  // FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
  let hash = 0x811c9dc5;
  for (let index = 0; index < runId.length; index++) {
    hash = Math.imul(hash ^ runId.charCodeAt(index), 0x01000193);
  }
  return Math.floor(((hash >>> 0) / 2 ** 32) * (jitterMs + 1));
}
