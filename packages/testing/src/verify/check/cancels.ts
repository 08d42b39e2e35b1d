import type { Cancelled, Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

const promise = "cancels honoured";
/** What had been delivered when it was cancelled may begin until its ack-wait is over. */
const GRACE_MS = 2_000;

/** A cancel that was confirmed is the outcome, and nothing begins afterwards; one that came too late said so. */
export const checkCancels: Check = (story) =>
  story.cancels.flatMap((cancel) => [...outcome(story, cancel), ...starts(story, cancel)]);

function outcome({ end }: Story, { n, runId, cancelled, state }: Cancelled): readonly Violation[] {
  const found = end.records.get(runId)?.state;
  if (found === undefined || found === state) return [];
  const said = cancelled ? "its cancel was confirmed" : `its cancel was told that it was ${state}`;
  return [{ promise, runId, message: `operation ${n}: ${said}, and it is ${found}` }];
}

function starts({ executions, limits }: Story, cancel: Cancelled): readonly Violation[] {
  if (!cancel.cancelled) return [];
  const latest = cancel.at + limits.ackWaitMs + GRACE_MS;
  const late = (executions.get(cancel.runId) ?? []).filter(({ startedAt }) => startedAt > latest);
  return late.map(({ runId, startedAt }) => {
    const message = `operation ${cancel.n} began ${startedAt - cancel.at} ms after its cancel was confirmed`;
    return { promise, runId, message };
  });
}
