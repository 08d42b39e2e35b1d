import { UmbelError } from "@umbel/protocol";

/** The failure of a run whose thread ended under it, of itself, with `error`. Pure. */
export function threadCrash(error: unknown): UmbelError {
  return isOutOfMemory(error)
    ? new UmbelError(
        "thread_crashed",
        `the thread reached its memory limit while it executed the run: ${messageOf(error)}. ` +
          "Give threads more with threadMemory, or let the handler hold less at a time.",
        { cause: error, details: { memoryLimit: true } },
      )
    : new UmbelError("thread_crashed", `the thread ended while it executed the run: ${messageOf(error)}`, {
        cause: error,
      });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
