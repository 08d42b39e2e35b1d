import { invalidArgument } from "./umbel-error.ts";

/** How soon a run starts compared with others of its queue. Strict: nothing lower starts while something higher waits. */
export type Priority = "high" | "normal" | "low";

/** All priorities, the most urgent first. */
export const PRIORITIES: readonly Priority[] = ["high", "normal", "low"];

const TOKENS: Readonly<Record<Priority, string>> = { high: "h", normal: "n", low: "l" };

/** The subject token of a priority. */
export function priorityToken(priority: Priority): string {
  return TOKENS[priority];
}

/** The priority of a subject token, if it is one. */
export function priorityOfToken(token: string): Priority | undefined {
  return PRIORITIES.find((priority) => TOKENS[priority] === token);
}

/** @throws UmbelError `invalid_argument` unless `value` is a {@link Priority}. */
export function checkPriority(value: unknown, field = "priority"): Priority {
  const priority = PRIORITIES.find((known) => known === value);
  if (priority !== undefined) return priority;
  throw invalidArgument({ field, received: value, expected: '"high", "normal" or "low"' });
}
