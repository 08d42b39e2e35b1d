import type { Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

const promise = "redriven once";

/** However often a dead run is redriven, it gives one run, which ends as its new input says. */
export const checkRedrives: Check = (story) => [...siblings(story), ...outcomes(story)];

function siblings({ redriven }: Story): readonly Violation[] {
  const made = new Map<string, Set<string>>();
  for (const { redriveOf, runId } of redriven)
    made.set(redriveOf, (made.get(redriveOf) ?? new Set()).add(runId));
  return [...made].flatMap(([redriveOf, runIds]) => {
    if (runIds.size === 1) return [];
    return [{ promise, runId: redriveOf, message: `it was redriven as ${[...runIds].join(", ")}` }];
  });
}

// That there is no outcome is told elsewhere.
function outcomes({ redriven, end }: Story): readonly Violation[] {
  return redriven.flatMap(({ n, runId }) => {
    const record = end.records.get(runId);
    if (record === undefined || (record.state === "succeeded" && record.value === n)) return [];
    const message = `operation ${n} was redriven, and is ${record.state} with ${String(record.value)}`;
    return [{ promise, runId, message }];
  });
}
