import type { Execution, Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

const promise = "no early start";
/** Clocks count whole milliseconds, and what they cut off differs. */
const ROUNDING_MS = 2;

/** No handler was begun before its run was due, nor before its next attempt was. */
export const checkNotEarly: Check = (story) => [...delays(story), ...retries(story)];

/** That the run of `what` was begun before `dueAt`, by more than clocks may differ; nothing when it was not. Pure. */
export function begunEarly(
  { executions, limits }: Story,
  { runId, dueAt, what }: { readonly runId: string; readonly dueAt: number; readonly what: string },
): readonly Violation[] {
  const first = executions.get(runId)?.[0];
  if (first === undefined || first.startedAt >= dueAt - limits.clockMs - ROUNDING_MS) return [];
  return [{ promise, runId, message: `${what} began ${dueAt - first.startedAt} ms before it was due` }];
}

function delays(story: Story): readonly Violation[] {
  return story.acked.flatMap(({ n, runId, askedAt, existed }) => {
    const dueAt = askedAt + (story.operations.get(n)?.delayMs ?? 0);
    return existed ? [] : begunEarly(story, { runId, dueAt, what: `operation ${n}` });
  });
}

function retries({ executions, limits }: Story): readonly Violation[] {
  return [...executions].flatMap(([runId, all]) =>
    all.flatMap((execution) => {
      const failedAt = firstFailure(all, execution.attempt - 1);
      if (failedAt === undefined) return [];
      const afterMs = execution.startedAt - failedAt;
      if (afterMs >= limits.backoffMs - ROUNDING_MS) return [];
      const message = `attempt ${execution.attempt} began ${afterMs} ms after the one before had failed`;
      return [{ promise, runId, message }];
    }),
  );
}

function firstFailure(executions: readonly Execution[], attempt: number): number | undefined {
  const failed = executions.filter(
    (execution) => execution.how === "failed" && execution.attempt === attempt,
  );
  return failed.length === 0 ? undefined : Math.min(...failed.map(({ endedAt }) => endedAt));
}
