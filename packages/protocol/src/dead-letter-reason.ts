/**
 * Why a run will not be tried again: its attempts are `exhausted`, its handler or a non-retryable error
 * `discarded` it, no worker knew its task for long enough (`unknown-task`), its message is `undecodable`,
 * it took its worker down again and again (`crash-loop`), or its `deadline` passed after it had started.
 */
export type DeadLetterReason =
  | "exhausted"
  | "discarded"
  | "unknown-task"
  | "undecodable"
  | "crash-loop"
  | "deadline";

/** All reasons. */
export const DEAD_LETTER_REASONS: readonly DeadLetterReason[] = [
  "exhausted",
  "discarded",
  "unknown-task",
  "undecodable",
  "crash-loop",
  "deadline",
];

/** Whether `value` is a {@link DeadLetterReason}. */
export function isDeadLetterReason(value: unknown): value is DeadLetterReason {
  return DEAD_LETTER_REASONS.some((reason) => reason === value);
}
