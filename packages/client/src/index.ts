// Connecting and enqueueing
export { connect } from "./connect.ts";
export type { ConnectOptions } from "./connect.ts";
export { Mesh } from "./mesh.ts";
export type { EnqueueManyOptions, EnqueueRequest } from "./mesh.ts";
export type { EnqueueOptions } from "./enqueue-options.ts";
export type { Lineage } from "./plan-run.ts";

// Queues
export { Queues } from "./queues/queues.ts";
export type { ConfigureQueueOptions, PauseQueueOptions, QueueDefinition } from "./queues/queues.ts";

// Runs
export { RunHandle } from "./run-handle.ts";
export type { CancelOptions, ResultOptions } from "./run-handle.ts";
export type { CancelResult } from "./cancel-run.ts";
export type { Receipt, Survives } from "./receipt.ts";
export type { RunInfo } from "./run-info.ts";
export { ResultTimeout, TaskCancelled, TaskExpired, TaskFailed } from "./run-errors.ts";

// What producers define tasks with
export { defineTask, exponential, fixed, UmbelError } from "@umbel/protocol";
export type {
  Duration,
  ErrorCode,
  OnRetry,
  Priority,
  QueuePause,
  RunState,
  Task,
  TaskOptions,
} from "@umbel/protocol";
