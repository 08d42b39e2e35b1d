import type { Priority } from "@umbel/protocol";

/** What a definition says of where the runs of a task wait. */
export interface KnownTask {
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
}

/** What the process that reads modules tells: the tasks, or what is wrong. */
export type TasksMessage = { readonly tasks: readonly KnownTask[] } | { readonly problem: string };

/** Whether `message` is a {@link TasksMessage}. */
export function isTasksMessage(message: unknown): message is TasksMessage {
  return typeof message === "object" && message !== null && ("tasks" in message || "problem" in message);
}
