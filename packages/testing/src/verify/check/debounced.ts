import type { Acked, Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

/** Clocks count whole milliseconds, and what they cut off differs. */
const ROUNDING_MS = 2;

/** A debounced run has the input of the last enqueue that was told its id, and begins its wait after it. */
export const checkDebounced: Check = (story) => {
  const last = new Map<string, Acked>();
  for (const acked of story.acked) {
    if (story.operations.get(acked.n)?.kind === "debounced") last.set(acked.runId, acked);
  }
  return [...last.values()].flatMap((acked) => [...stale(story, acked), ...early(story, acked)]);
};

// An enqueue that was not acknowledged may count, too: that of a later one.
function stale({ end }: Story, { n, runId }: Acked): readonly Violation[] {
  const record = end.records.get(runId);
  if (record?.state !== "succeeded" || Number(record.value) >= n) return [];
  const message = `it had the input of operation ${String(record.value)} when ${n} had been acknowledged for it`;
  return [{ promise: "the last of the debounced", runId, message }];
}

function early({ executions, limits }: Story, { n, runId, askedAt }: Acked): readonly Violation[] {
  const first = executions.get(runId)?.[0];
  const allowedAt = askedAt + limits.debounceMs - limits.clockMs - ROUNDING_MS;
  if (first === undefined || first.startedAt >= allowedAt) return [];
  const message = `operation ${n} was debounced, and began ${first.startedAt - askedAt} ms after it`;
  return [{ promise: "no early start", runId, message }];
}
