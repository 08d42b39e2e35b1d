import type { AnyTask, Task } from "@umbel/protocol";
import { invalidArgument } from "@umbel/protocol";
import type { TaskContext } from "./task-context.ts";

/** What a user writes: what to do with a run's input. */
export type HandlerFunction<Parsed, Returned> = (
  input: Parsed,
  context: TaskContext,
) => Returned | Promise<Returned>;

/** A task with its handler. Made by {@link handle}, found by the worker among a module's exports. */
export interface Handler {
  readonly task: AnyTask;
  // A method, so that a handler of any input is one: what reaches it has passed the task's schema.
  execute(input: unknown, context: TaskContext): unknown;
}

// In the registry of all realms: a handler made by another copy of this package (a global command line and a
// project's own, say) is one too.
const BRAND = Symbol.for("@umbel/worker/handler");

/**
 * Bind a handler to its task. Export the result: a worker finds it in the modules that it is given.
 *
 * The handler must be safe to execute twice: a run may execute again after a crash, although it has one outcome.
 *
 * @throws UmbelError `invalid_argument` when either is not what it should be.
 */
export function handle<Input, Output, Parsed, Returned>(
  task: Task<Input, Output, Parsed, Returned>,
  execute: HandlerFunction<Parsed, Returned>,
): Handler {
  if (!isTask(task)) throw invalidArgument({ field: "handle.task", received: task, expected: TASK });
  if (typeof execute !== "function") {
    throw invalidArgument({ field: "handle.execute", received: execute, expected: "a function" });
  }
  const call = (input: Parsed, context: TaskContext): unknown => execute(input, context);
  return Object.freeze(Object.defineProperty({ task, execute: call }, BRAND, { value: true }));
}

const TASK = "a task made by defineTask";

function isTask(value: unknown): boolean {
  return typeof value === "object" && value !== null && "name" in value && "retry" in value;
}

/** Whether `value` was made by {@link handle}. */
export function isHandler(value: unknown): value is Handler {
  return typeof value === "object" && value !== null && BRAND in value;
}
