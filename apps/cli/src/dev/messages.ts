import type { WorkerFlags } from "../commands/worker.ts";

/** What the worker of `umbel dev` is told first. */
export interface DevWorkerStart {
  readonly modules: readonly string[];
  readonly flags: WorkerFlags;
}

/** What it tells: a file that it has read, or would have. */
export interface DevWorkerReport {
  readonly file: string;
}

/** The start in a message from another process. */
export function isStart(message: unknown): message is DevWorkerStart {
  return typeof message === "object" && message !== null && "modules" in message && "flags" in message;
}

/** The report in a message from another process. */
export function isReport(message: unknown): message is DevWorkerReport {
  return typeof message === "object" && message !== null && "file" in message;
}
