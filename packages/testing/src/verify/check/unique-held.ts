import type { Acked, Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

/** No two runs of one unique key were there at the same time: acknowledged, and not yet done. */
export const checkUniqueHeld: Check = (story) => {
  const holders = new Map<string, Acked[]>();
  for (const acked of story.acked) {
    const operation = story.operations.get(acked.n);
    if (operation?.kind !== "unique" || acked.existed) continue;
    holders.set(operation.key, [...(holders.get(operation.key) ?? []), acked]);
  }
  return [...holders].flatMap(([key, all]) =>
    all.flatMap((one, index) => all.slice(index + 1).flatMap((other) => together(story, key, [one, other]))),
  );
};

function together(story: Story, key: string, [one, other]: readonly [Acked, Acked]): readonly Violation[] {
  const from = Math.max(one.at, other.at);
  const until = Math.min(doneAt(story, one), doneAt(story, other));
  if (one.runId === other.runId || from >= until) return [];
  const message = `operations ${one.n} and ${other.n} of the unique key ${key} were there together for ${until - from} ms`;
  return [{ promise: "unique held", runId: other.runId, message }];
}

// Nobody can have written its outcome before a handler came to its end.
function doneAt({ executions }: Story, { runId }: Acked): number {
  const ended = (executions.get(runId) ?? []).filter(({ how }) => how === "ended");
  return Math.min(...ended.map(({ endedAt }) => endedAt));
}
