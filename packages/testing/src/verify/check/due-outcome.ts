import type { RunState } from "@umbel/protocol";
import { MOST_ATTEMPTS, type Operation } from "../plan/plan-operations.ts";
import type { EndRecord } from "../history/entries.ts";
import type { Check } from "./violation.ts";

/** Every run ended as its operation had to: with its value, or after all its attempts. */
export const checkDueOutcome: Check = ({ acked, operations, end }) =>
  acked.flatMap(({ runId, n, existed }) => {
    const record = end.records.get(runId);
    const operation = operations.get(n);
    if (record === undefined || operation === undefined || existed) return [];
    const message = wrongness(operation, record, operations);
    return message === undefined ? [] : [{ promise: "the outcome that was due", runId, message }];
  });

function wrongness(
  operation: Operation,
  { state, attempt, value }: EndRecord,
  operations: ReadonlyMap<number, Operation>,
): string | undefined {
  const { n, kind, failures } = operation;
  const allowed = statesOf(operation);
  if (!allowed.includes(state))
    return `operation ${n} (${kind}) ended as ${state}, not as ${allowed.join(" or ")}`;
  if (state === "succeeded" && value !== n && !isSame(operation, operations.get(Number(value))))
    return `operation ${n} returned ${String(value)}`;
  const attempts = Math.min(failures + 1, MOST_ATTEMPTS);
  const counts = state === "succeeded" || state === "failed";
  // The enqueues of a handler may fail, and its attempt with them.
  const isRight = kind === "parent" ? attempt >= attempts : attempt === attempts;
  if (counts && !isRight) return `operation ${n} (${kind}) ended with attempt ${attempt} of ${attempts}`;
  return undefined;
}

// Whoever finds the lock of a run that its holder could not enqueue yet enqueues it, with an input of its own; and a
// debounced run has the last of several.
function isSame(operation: Operation, other: Operation | undefined): boolean {
  const shared = operation.kind === "unique" || operation.kind === "debounced";
  return shared && operation.kind === other?.kind && operation.key === other.key;
}

function statesOf({ kind }: Operation): readonly RunState[] {
  if (kind === "failing" || kind === "redriven") return ["failed"];
  if (kind === "cancelled") return ["cancelled", "succeeded"];
  return kind === "expiring" ? ["succeeded", "expired"] : ["succeeded"];
}
