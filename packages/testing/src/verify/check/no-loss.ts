import { isOutcomeState } from "@umbel/protocol";
import type { Check } from "./violation.ts";

/** Every enqueue and redrive that was acknowledged, by a producer or a handler, has an outcome at the end. */
export const checkNoLoss: Check = ({ acked, children, redriven, end }) => {
  const owed = new Map([...children, ...redriven, ...acked].map(({ runId, n }) => [runId, n]));
  return [...owed].flatMap(([runId, n]) => {
    const record = end.records.get(runId);
    if (record !== undefined && isOutcomeState(record.state)) return [];
    const state = record?.state ?? "without any record";
    const message = `operation ${n} was acknowledged, and its run is ${state} at the end`;
    return [{ promise: "no acknowledged enqueue lost", runId, message }];
  });
};
