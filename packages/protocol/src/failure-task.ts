import { isQueueName, isTaskName } from "./names.ts";
import { checkPriority, priorityOfToken, priorityToken } from "./priority.ts";
import { isFields } from "./record-fields.ts";
import type { FailureTask } from "./run-header.ts";
import { undecodableHeader } from "./run-header-values.ts";
import { describe, invalidArgument } from "./umbel-error.ts";

const NOBODY = "-";

/** `task,queue`, and a priority that is not the normal one; `-` for nobody. */
export function formatFailureTask(onFailure: FailureTask | null): string {
  if (onFailure === null) return NOBODY;
  const { task, queue, priority = "normal" } = onFailure;
  return priority === "normal" ? `${task},${queue}` : `${task},${queue},${priorityToken(priority)}`;
}

/** @throws UmbelError `undecodable` unless {@link formatFailureTask} made `text`; `value` is the whole header. */
export function failureTask(text: string, value: string): FailureTask | null {
  if (text === NOBODY) return null;
  const [task, queue, token = priorityToken("normal"), ...rest] = text.split(",");
  const found = rest.length === 0 ? toFailureTask(task, queue, priorityOfToken(token)) : undefined;
  if (found !== undefined) return found;
  throw undecodableHeader(`${describe(text)} does not name a task and its queue`, value);
}

/** The failure task that a decoded record holds; `undefined` when it holds none that can be enqueued. */
export function readFailureTask(value: unknown): FailureTask | undefined {
  if (!isFields(value)) return undefined;
  const { priority } = value;
  if (priority === undefined || priority === "high" || priority === "low")
    return toFailureTask(value["task"], value["queue"], priority ?? "normal");
  return undefined;
}

/** What of the task `value` a failed run needs to know. @throws UmbelError `invalid_argument` unless it is a task */
export function checkFailureTask(value: unknown, field: string): FailureTask {
  if (
    typeof value === "object" &&
    value !== null &&
    "retry" in value &&
    "name" in value &&
    "queue" in value
  ) {
    const priority = checkPriority(Reflect.get(value, "priority"), `${field}.priority`);
    const found = toFailureTask(value.name, value.queue, priority);
    if (found !== undefined) return Object.freeze(found);
  }
  throw invalidArgument({ field, received: value, expected: "a task made by defineTask" });
}

function toFailureTask(
  task: unknown,
  queue: unknown,
  priority: FailureTask["priority"],
): FailureTask | undefined {
  if (typeof task !== "string" || typeof queue !== "string" || priority === undefined) return undefined;
  if (!isTaskName(task) || !isQueueName(queue)) return undefined;
  return priority === "normal" ? { task, queue } : { task, queue, priority };
}
