// Handlers
export { handle } from "./handler.ts";
export type { Handler, HandlerFunction } from "./handler.ts";
export type { EnqueuedChild, TaskContext } from "./task-context.ts";

// Workers
export { startWorker } from "./start-worker.ts";
export type { Worker } from "./worker.ts";
export type { WorkerSizes } from "./worker-changes.ts";
export type { SlotCounts, WorkerInfo } from "./worker-info.ts";
export type { WorkerOptions } from "./worker-options.ts";
export type { ThreadMemory } from "./thread-memory.ts";
export type { PriorityOption } from "./priority-option.ts";

// What handlers are written with
export { defineTask, exponential, fixed, UmbelError } from "@umbel/protocol";
export type {
  Backoff,
  BackoffContext,
  BackoffFunction,
  Duration,
  ErrorCode,
  ErrorFilter,
  FailureNotice,
  RetryOptions,
  SerializedError,
  Task,
  TaskOptions,
} from "@umbel/protocol";
