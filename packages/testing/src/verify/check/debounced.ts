import { begunEarly } from "./not-early.ts";
import type { Acked, Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

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

function early(story: Story, { n, runId, askedAt }: Acked): readonly Violation[] {
  const dueAt = askedAt + story.limits.debounceMs;
  return begunEarly(story, { runId, dueAt, what: `the debounced operation ${n}` });
}
