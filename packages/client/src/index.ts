// Connecting and enqueueing
export { connect } from "./connect.ts";
export type { ConnectOptions } from "./connect.ts";
export { Mesh } from "./mesh.ts";
export type { EnqueueRequest } from "./enqueuer.ts";
export type { EnqueueManyOptions } from "./mesh.ts";
export type { EnqueueOptions } from "./enqueue-options.ts";
export type { Lineage } from "./plan-run.ts";

export { defineMiddleware } from "./enqueue-middleware.ts";
export type { EnqueueCall, EnqueueMiddleware, EnqueueNext } from "./enqueue-middleware.ts";

// Looking on
export type { EventOptions } from "./watch-events.ts";
export type { EventRecorder } from "./tell-events.ts";
export { checkEventType } from "./watch-events.ts";
export { EVENT_TYPES } from "@umbel/protocol";
export type { EventData, EventError, EventType, MeshEvent } from "@umbel/protocol";
// Queues
export { Queues } from "./queues/queues.ts";
export type { ConfigureQueueOptions, PauseQueueOptions, QueueDefinition } from "./queues/queues.ts";

// Schedules
export type { ChangeScheduleOptions, PauseScheduleOptions, Schedules } from "./schedules/schedules.ts";
export { previewSchedule } from "./schedules/preview-schedule.ts";
export type { PreviewOptions } from "./schedules/preview-schedule.ts";
export type {
  AnyScheduleOptions,
  NamedScheduleOptions,
  ScheduleDeclaration,
  ScheduleOptions,
  SchedulePolicies,
  ScheduleRunOptions,
  ScheduleSettings,
  ScheduleTiming,
} from "./schedules/schedule-options.ts";
export type { ScheduledRun, ScheduleInfo } from "./schedules/schedule-info.ts";
export type { SyncOptions, SyncResult } from "./schedules/sync-schedules.ts";
export type {
  CatchUpPolicy,
  GapPolicy,
  Missed,
  OverlapPolicy,
  RepeatPolicy,
  SchedulePause,
  ScheduleRule,
  SolarEvent,
} from "@umbel/protocol";

// Runs
export { RunHandle } from "./run-handle.ts";
export type { CancelOptions, ResultOptions } from "./run-handle.ts";
export type { RescheduleOptions } from "./edit-run.ts";
export type { CancelResult } from "./cancel-run.ts";
export type { Receipt, Survives } from "./receipt.ts";
export type { RunInfo } from "./run-info.ts";
export type { Runs, RunPage } from "./runs/runs.ts";
export type { ListedState, Moment, RunFilter, RunQuery } from "./runs/run-query.ts";
export type {
  CancelFilter,
  CancelManyOptions,
  CancelProgress,
  CancelSummary,
  OpenState,
} from "./runs/cancel-many.ts";
export { ResultTimeout, TaskCancelled, TaskExpired, TaskFailed } from "./run-errors.ts";

// Workers
export type { WorkerFilter, Workers } from "./workers/workers.ts";
export type { WorkerState, WorkerStatus } from "./workers/worker-status.ts";
export type { WorkerTarget } from "./workers/ask-workers.ts";
export type { Inspect, Inspected, InspectOptions, InspectResult } from "./workers/inspect.ts";
export type {
  Control,
  ControlOptions,
  ControlReply,
  ControlResult,
  MissingWorker,
  ShutdownOptions,
  TerminateOptions,
} from "./workers/control.ts";
export type {
  ControlAnswers,
  ControlVerb,
  FoundRun,
  HeldRun,
  InspectAnswers,
  InspectVerb,
  KnownRun,
  RegisteredTask,
  RunList,
  ServedQueue,
  SlotUse,
  WorkerCounts,
  WorkerReport,
  WorkerStats,
} from "@umbel/protocol";

// What operators did
export type { Audit, AuditEntry, AuditPage, AuditQuery } from "./audit/audit.ts";
export type { AuditAction, AuditActor } from "@umbel/protocol";

// Dead letters
export type {
  DeadLetterGroupQuery,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetters,
} from "./dead-letters/dead-letters.ts";
export type { DeadLetterFilter, DeadLetterSelection } from "./dead-letters/dead-letter-filter.ts";
export type { DeadLetterDetails, DeadLetterInfo } from "./dead-letters/dead-letter-info.ts";
export type { DeadLetterGroup } from "./dead-letters/group-letters.ts";
export type {
  DeadLetterBulkOptions,
  DeadLetterProgress,
  RedriveOptions,
} from "./dead-letters/redrive-options.ts";
export type { DeadLetterSummary } from "./dead-letters/tally.ts";

// What producers define tasks with
export { defineTask, exponential, fixed, UmbelError } from "@umbel/protocol";
export type {
  Backoff,
  BackoffContext,
  BackoffFunction,
  CallRetryOptions,
  Debounce,
  Duration,
  ErrorCode,
  ErrorFilter,
  FailureNotice,
  IdentityOptions,
  OnRetry,
  Priority,
  QueuePause,
  Rate,
  RetryOptions,
  RunState,
  SerializedError,
  Task,
  TaskOptions,
  Unique,
} from "@umbel/protocol";
