import { handle, type FailureNotice, type TaskContext } from "@umbel/worker";
import { cleanup, clumsyCleanup } from "./failing-tasks.ts";
import { noteThat } from "./handler-tools.ts";

export const cleanupHandler = handle(cleanup, (notice, context) => {
  noteStart(notice, context);
  return notice;
});

export const clumsyCleanupHandler = handle(clumsyCleanup, (notice, context) => {
  noteStart(notice, context);
  throw new Error("the cleanup fails, too");
});

function noteStart({ input }: FailureNotice, context: TaskContext): void {
  const journal: unknown =
    typeof input === "object" && input !== null ? Reflect.get(input, "journal") : undefined;
  if (typeof journal === "string") noteThat("started", { journal }, context);
}
