import { isFenced } from "./key-order.ts";
import type { Story } from "./story.ts";

/** Executions beyond those that attempts account for. Allowed, since execution is at least once: and counted. */
export interface Duplicates {
  /** Runs that were executed more often than they had attempts. */
  readonly runs: number;
  /** How many executions too many. */
  readonly executions: number;
  /** Of these, how many began while an earlier one of the same attempt went on. */
  readonly beside: number;
  /** Of those, how many the earlier one was not fenced by: only the first outcome counted. */
  readonly unfenced: number;
}

/** Count executions that were too many. Pure. */
export function countDuplicates(story: Story): Duplicates {
  const counts = { runs: 0, executions: 0, beside: 0, unfenced: 0 };
  for (const executions of story.executions.values()) {
    const extra = executions.length - new Set(executions.map(({ attempt }) => attempt)).size;
    if (extra === 0) continue;
    counts.runs += 1;
    counts.executions += extra;
    for (const [index, later] of executions.entries()) {
      const earlier = executions.slice(0, index).filter(({ endedAt }) => endedAt > later.startedAt);
      if (earlier.length > 0) counts.beside += 1;
      if (earlier.some((execution) => !isFenced(story, execution))) counts.unfenced += 1;
    }
  }
  return counts;
}
