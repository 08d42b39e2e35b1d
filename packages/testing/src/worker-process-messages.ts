import type { SerializedError } from "@umbel/protocol";
import type { WorkerOptions } from "@umbel/worker";

/** What a worker's process is started with: options that survive JSON. */
export type WorkerProcessSetup = Omit<WorkerOptions, "handlers" | "logger">;

/** The environment variable that holds a {@link WorkerProcessSetup}: arguments are seen by every user of the machine. */
export const SETUP_VARIABLE = "UMBEL_WORKER_SETUP";

/** What a worker's process tells the one that started it. */
export type WorkerProcessMessage =
  | { readonly type: "ready"; readonly workerId: string; readonly healthUrl: string | undefined }
  | { readonly type: "failed"; readonly error: SerializedError };
