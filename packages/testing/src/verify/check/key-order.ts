import { isKeyed } from "../plan/plan-operations.ts";
import type { Acked, Execution, Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

const promise = "order of keys";

/**
 * Runs of one key began in the order of their enqueues, and one at a time: what overlapped was a zombie whose run
 * another worker had claimed over it.
 */
export const checkKeyOrder: Check = (story) => [...order(story), ...overlaps(story)];

function order(story: Story): readonly Violation[] {
  const lastOfKey = new Map<string, Acked>();
  return story.acked.flatMap((acked) => {
    const key = keyOf(story, acked.n);
    if (key === undefined) return [];
    const before = lastOfKey.get(key);
    lastOfKey.set(key, acked);
    if (before === undefined) return [];
    const [own, others] = [firstStart(story, acked.runId), firstStart(story, before.runId)];
    if (own === undefined || others === undefined || others <= own) return [];
    const message = `operation ${acked.n} of key ${key} began before operation ${before.n}`;
    return [{ promise, runId: acked.runId, message }];
  });
}

function overlaps(story: Story): readonly Violation[] {
  const ofKey = new Map<string, Execution[]>();
  for (const execution of [...story.executions.values()].flat()) {
    const key = keyOf(story, execution.n);
    if (key !== undefined) ofKey.set(key, [...(ofKey.get(key) ?? []), execution]);
  }
  return [...ofKey].flatMap(([key, executions]) =>
    executions
      .toSorted((one, other) => one.startedAt - other.startedAt)
      .flatMap((later, index, all) =>
        all
          .slice(0, index)
          .filter((earlier) => earlier.endedAt > later.startedAt && !isFenced(story, earlier))
          .map((earlier) => overlap(key, earlier, later)),
      ),
  );
}

function overlap(key: string, earlier: Execution, later: Execution): Violation {
  const what =
    earlier.runId === later.runId ? `operation ${later.n} began again` : `operation ${later.n} began`;
  const whileWhat = `operation ${earlier.n} of key ${key} was executed, and was not fenced`;
  return { promise, runId: later.runId, message: `${what} while ${whileWhat}` };
}

/** Whether the run of `execution` was claimed over it, so that nothing it does counts. */
export function isFenced({ executions }: Pick<Story, "executions">, execution: Execution): boolean {
  return (executions.get(execution.runId) ?? []).some(({ fence }) => fence > execution.fence);
}

function keyOf({ operations }: Story, n: number): string | undefined {
  const operation = operations.get(n);
  return operation === undefined || !isKeyed(operation) ? undefined : operation.key;
}

function firstStart({ executions }: Story, runId: string): number | undefined {
  return executions.get(runId)?.[0]?.startedAt;
}
