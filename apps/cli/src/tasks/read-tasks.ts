import { isHandler } from "@umbel/worker";
import type { KnownTask, TasksMessage } from "./known-task.ts";

/** What is defined of the tasks that the modules at `urls` handle. Never rejects: what is wrong is told. */
export async function readTasks(urls: readonly string[]): Promise<TasksMessage> {
  const tasks: KnownTask[] = [];
  for (const url of urls) {
    try {
      const exports: unknown = await import(url);
      for (const { task } of Object.values(Object(exports)).filter(isHandler))
        tasks.push({ name: task.name, queue: task.queue, priority: task.priority });
    } catch (error) {
      return {
        problem: `module ${url} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  }
  return { tasks };
}
