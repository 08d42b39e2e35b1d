import type { Execution, Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

const promise = "no early start";
/** Clocks count whole milliseconds, and what they cut off differs. */
const ROUNDING_MS = 2;

/** No handler was begun before its run was due, nor before its next attempt was. */
export const checkNotEarly: Check = (story) => [...delays(story), ...retries(story)];

function delays({ acked, operations, executions, limits }: Story): readonly Violation[] {
  return acked.flatMap(({ n, runId, askedAt, existed }) => {
    const dueAt = askedAt + (operations.get(n)?.delayMs ?? 0);
    const first = executions.get(runId)?.[0];
    const allowedAt = dueAt - limits.clockMs - ROUNDING_MS;
    if (existed || first === undefined || first.startedAt >= allowedAt) return [];
    const message = `operation ${n} began ${dueAt - first.startedAt} ms before it was due`;
    return [{ promise, runId, message }];
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
