import { isOutcomeState } from "@umbel/protocol";
import type { OutcomeNotice } from "../history/entries.ts";
import type { Story } from "./story.ts";
import type { Check, Violation } from "./violation.ts";

const promise = "one outcome per run";

/**
 * No run was announced to end twice, or otherwise than its record says; it has a dead letter when it failed, and
 * only then; executing a parent again makes no more children.
 */
export const checkOneOutcome: Check = (story) => [
  ...outcomes(story),
  ...deadLetters(story),
  ...families(story),
];

function outcomes({ end }: Story): readonly Violation[] {
  const announced = new Map<string, Map<number, OutcomeNotice>>();
  for (const notice of end.notices) {
    if (!isOutcomeState(notice.state)) continue;
    const known = announced.get(notice.runId) ?? new Map<number, OutcomeNotice>();
    announced.set(notice.runId, known.set(notice.sequence, notice));
  }
  return [...announced].flatMap(([runId, notices]) => {
    const states = [...notices.values()].map(({ state }) => state);
    const last = end.records.get(runId)?.state;
    if (states.length === 1 && (last === undefined || last === states[0])) return [];
    const message = `announced as ${states.join(", then ")}; recorded as ${last ?? "nothing"}`;
    return [{ promise, runId, message }];
  });
}

function deadLetters({ end, redriving }: Story): readonly Violation[] {
  const letters = new Map<string, number>();
  for (const runId of end.deadLetters) letters.set(runId, (letters.get(runId) ?? 0) + 1);
  const runIds = new Set([...letters.keys(), ...end.records.keys()]);
  return [...runIds].flatMap((runId) => {
    const state = end.records.get(runId)?.state;
    const count = letters.get(runId) ?? 0;
    // The run of an enqueue that was not acknowledged is not looked up.
    if (state === undefined || count === (state === "failed" ? 1 : 0)) return [];
    // A late worker may keep once more what was redriven.
    if (redriving.has(runId) && count === 0) return [];
    return [{ promise, runId, message: `it is ${state} and has ${count} dead letters` }];
  });
}

function families({ children }: Story): readonly Violation[] {
  const named = new Map<string, Set<string>>();
  for (const { parentId, index, runId } of children) {
    const place = `${parentId}/${index}`;
    named.set(place, (named.get(place) ?? new Set()).add(runId));
  }
  return [...named].flatMap(([place, runIds]) => {
    if (runIds.size === 1) return [];
    const message = `child ${place} is several runs: ${[...runIds].join(", ")}`;
    return [{ promise, message }];
  });
}
