// Handlers
export { handle, isHandler } from "./handler.ts";
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

// Standing around and looking on
export { defineMiddleware } from "./middleware.ts";
export type { AttemptContext, AttemptEnd, ExecuteNext, Middleware } from "./middleware.ts";
export type { EnqueueCall, EnqueueMiddleware, EnqueueNext } from "@umbel/client";
export type { EventListener } from "./events/event-listeners.ts";
export type { EventType, MeshEvent } from "@umbel/protocol";

// What handlers are written with
export type { ScheduleDeclaration } from "@umbel/client";
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
