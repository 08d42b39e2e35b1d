import { invalidArgument, keyOfInput, type AnyTask } from "@umbel/protocol";
import type { EnqueueOptions, ResolvedEnqueue } from "./enqueue-options.ts";
import type { TaskDefaults } from "./plan-run.ts";

/** The key of a run, and the lane of its queue that it has. */
export interface KeyPlace {
  readonly key: string;
  readonly lane: number;
}

type KeyedTask = Pick<AnyTask, "name" | "key">;

/** Inputs that can be looked at twice, and their keys; no keys when all have the one that the call gives, or none. */
export function keysOfInputs<Input>(
  task: KeyedTask,
  inputs: Iterable<Input>,
  options: Pick<EnqueueOptions, "key">,
): { readonly listed: Iterable<Input>; readonly keys: (() => readonly string[]) | undefined } {
  if (task.key === undefined || options.key !== undefined) return { listed: inputs, keys: undefined };
  const listed = [...inputs];
  return { listed, keys: () => listed.map((input) => keyOfInput(task, input)) };
}

/** @throws UmbelError `invalid_argument` when a run with a key has a priority, or one without is told about order. */
export function checkKeyed(task: TaskDefaults, options: ResolvedEnqueue, place: KeyPlace | undefined): void {
  if (place === undefined) {
    if (options.onRetry === undefined) return;
    const expected = "no onRetry without a key: only runs with a key have an order";
    throw invalidArgument({ field: "onRetry", received: options.onRetry, expected });
  }
  const priority = options.priority ?? (task.priority === "normal" ? undefined : task.priority);
  if (priority === undefined) return;
  throw invalidArgument({
    field: "priority",
    received: priority,
    expected: "no priority beside a key",
    fix: "Runs of one key start in the order of their enqueues, which a priority would break.",
  });
}
