// Tasks
export { defineTask, DEFAULT_QUEUE } from "./task.ts";
export type { AnyTask, KeyOption, RunsOn, SchemaTaskOptions, Task, TaskOptions } from "./task.ts";
export { bindIdentity } from "./bind-identity.ts";
export type { IdentityTask } from "./bind-identity.ts";
export { IDENTITY_FIELDS, resolveIdentity } from "./identity.ts";
export type { Debounce, Identity, IdentityOptions, TaskKey, Unique } from "./identity.ts";
export { validate } from "./validate.ts";
export {
  DEFAULT_RETRY_POLICY,
  exponential,
  fixed,
  nextDelayMs,
  resolveCallRetry,
  resolveRetryPolicy,
} from "./retry-policy.ts";
export type {
  Backoff,
  BackoffContext,
  BackoffFunction,
  CallRetry,
  CallRetryOptions,
  ExponentialOptions,
  Jitter,
  RetryOptions,
  RetryPolicy,
} from "./retry-policy.ts";
export { isNamed } from "./error-filter.ts";
export type { ErrorFilter } from "./error-filter.ts";
export type { FailureNotice } from "./failure-notice.ts";
export { DiscardRequest, RetryRequest, requestDiscard, requestRetry } from "./control-flow.ts";
export type { RetryOptions as RetryRequestOptions } from "./control-flow.ts";

// Options and names
export {
  DEFAULT_RESULT_TTL_MS,
  IGNORED_RESULT_TTL_MS,
  MAX_RESULT_TTL_MS,
  checkResultTtl,
} from "./result-ttl.ts";
export { parseRate } from "./rate.ts";
export type { Rate } from "./rate.ts";
export { parseDuration, parsePositiveDuration, MAX_DURATION_MS } from "./duration.ts";
export type { Duration } from "./duration.ts";
export { PRIORITIES, checkPriority, priorityOfToken, priorityToken } from "./priority.ts";
export type { Priority } from "./priority.ts";
export {
  checkMeshName,
  checkQueueName,
  checkRunId,
  checkTaskName,
  decodeToken,
  encodeToken,
  isRunId,
  isTaskName,
} from "./names.ts";
export { DEFAULT_LANES, MAX_LANES, checkKey, checkLanes, checkOnRetry, laneOf } from "./lanes.ts";
export type { OnRetry } from "./lanes.ts";
export { keyOfInput, withKey } from "./with-key.ts";
export { checkFields, checkFlag, checkWholeNumber, nearestName } from "./check-options.ts";

// Runs on the wire
export { createRunIdSource, digestId, shardOf, timeOfRunId } from "./run-id.ts";
export type { RunIdSource } from "./run-id.ts";
export { PROTOCOL_VERSION, RUN_HEADER, formatRunHeader, parseRunHeader } from "./run-header.ts";
export type { FailureTask, RunMeta } from "./run-header.ts";
export { checkUserHeaders, isUserHeader } from "./user-headers.ts";
export type { UserHeaders } from "./user-headers.ts";
export { MAX_TAGS, MAX_TAG_LENGTH, checkTag, checkTags } from "./tags.ts";
export { decode, encode } from "./codec.ts";
export { EXTENSION_TYPES, MAX_DEPTH } from "./codec-rules.ts";
export {
  anywhereSubject,
  controlSubject,
  deadLetterAnywhere,
  deadLetterFilter,
  deadLetterSubject,
  eventSubject,
  eventSubjects,
  keyedSubjects,
  laneFilter,
  lastToken,
  lockSubject,
  noticeSubject,
  parseDeadLetterSubject,
  parseRunSubject,
  queueConfigNotice,
  queueConfigSubject,
  readyFilter,
  recordSubject,
  runSubject,
  scheduledSubjects,
  shardNotices,
  stageSubject,
} from "./subjects.ts";
export type { KeyedAddress, ReadyAddress, RunAddress, ScheduledAddress } from "./subjects.ts";

// Due times
export { needsSchedule, scheduleFor, SCHEDULE_LEAD_MS } from "./due-time.ts";

// States and records
export { RUN_TRANSITIONS, canFollow, isOutcomeState } from "./run-state.ts";
export type { OutcomeState, RunState } from "./run-state.ts";
export { MAX_ERRORS, withError } from "./attempt-error.ts";
export type { AttemptError } from "./attempt-error.ts";
export { decodeRunRecord, encodeRunRecord, isOutcome } from "./run-record.ts";
export type { ClaimRecord, OutcomeRecord, RetryingRecord, RunRecord, WaitingRecord } from "./run-record.ts";
export { decodeLockRecord, encodeLockRecord } from "./lock-record.ts";
export type { LockRecord, LockUntil } from "./lock-record.ts";
export { decodeDeadLetter, encodeDeadLetter } from "./dead-letter.ts";
export type { DeadLetter } from "./dead-letter.ts";
export { DEAD_LETTER_REASONS, isDeadLetterReason } from "./dead-letter-reason.ts";
export type { DeadLetterReason } from "./dead-letter-reason.ts";

// Events
export { decodeEventBatch, encodeEventBatch } from "./event-batch.ts";
export type { EventBatch } from "./event-batch.ts";
export { eventCount, eventError, eventNumber, eventsOf, eventTuple } from "./event-tuple.ts";
export type { EventSource, EventTuple } from "./event-tuple.ts";
export { EVENT_FIELDS, EVENT_TYPES } from "./event-fields.ts";
export type { EventField, EventFieldKind } from "./event-fields.ts";
export type {
  AttemptEventFields,
  EventBase,
  EventData,
  EventError,
  EventType,
  MeshEvent,
  RunEventFields,
} from "./event.ts";
// Queues
export { DEFAULT_QUEUE_CONFIG, decodeQueueConfig, encodeQueueConfig, isPaused } from "./queue-config.ts";
export type { QueueConfig, QueuePause } from "./queue-config.ts";

// Schedules
export { parseCron } from "./schedules/cron.ts";
export type { CronPattern } from "./schedules/cron.ts";
export type { GapPolicy, RepeatPolicy } from "./schedules/cron-fires.ts";
export { checkTimeZone, wallAt } from "./schedules/time-zone.ts";
export { SOLAR_EVENTS, isSolarEvent } from "./schedules/solar.ts";
export type { SolarEvent } from "./schedules/solar.ts";
export { nextFires } from "./schedules/rule.ts";
export type { RuleSpan, ScheduleRule } from "./schedules/rule.ts";
export {
  CATCH_UP_POLICIES,
  MAX_SCHEDULE_ID,
  OVERLAP_POLICIES,
  checkScheduleId,
  isScheduleId,
  jitterOf,
} from "./schedules/schedule-definition.ts";
export type {
  CatchUpPolicy,
  OverlapPolicy,
  RunTemplate,
  ScheduleDefinition,
} from "./schedules/schedule-definition.ts";
export { decodeScheduleRecord, encodeDefinition, encodeScheduleRecord } from "./schedules/schedule-record.ts";
export type {
  Firing,
  FiringKind,
  FiringState,
  Missed,
  MissReason,
  SchedulePause,
  ScheduleRecord,
} from "./schedules/schedule-record.ts";
export {
  expandSchedule,
  hasEnded,
  isDue,
  nextFireOf,
  withFiring,
  withoutPending,
  withStates,
} from "./schedules/expansion.ts";
export type { Expansion, ExpansionFacts } from "./schedules/expansion.ts";
export {
  armedTickSubject,
  firedTickSubject,
  parseTickSubject,
  scheduleSubject,
  TICK_CONSUMER,
  tickConsumerSpec,
} from "./schedules/tick.ts";

// Topology
export {
  DEFAULT_ACK_WAIT_MS,
  MAX_ACK_PENDING,
  consumerName,
  consumerSpecs,
  leasesBucket,
  laneConsumerName,
  laneConsumerSpecs,
  resultsBucket,
  streamNames,
  streamSpecs,
} from "./topology.ts";
export type { ConsumerSpec, StreamNames, StreamSpec } from "./topology.ts";

// Workers
export {
  decodeWorkerEntry,
  encodeWorkerEntry,
  MAX_ENTRY_RUNS,
  MAX_ENTRY_TASKS,
} from "./workers/worker-entry.ts";
export type {
  HeldRun,
  SlotUse,
  WorkerCounts,
  WorkerEntry,
  WorkerEntryState,
} from "./workers/worker-entry.ts";
export {
  CONTROL_VERBS,
  decodeWorkerReply,
  decodeWorkerRequest,
  encodeWorkerReply,
  encodeWorkerRequest,
  INSPECT_VERBS,
  MAX_ASKED_RUNS,
  MAX_LISTED_RUNS,
} from "./workers/worker-requests.ts";
export type {
  ControlAnswers,
  ControlVerb,
  FoundRun,
  InspectAnswers,
  InspectVerb,
  KnownRun,
  RegisteredTask,
  ReplyError,
  RequestArgs,
  RunList,
  ServedQueue,
  TaskCounts,
  WorkerReply,
  WorkerReport,
  WorkerRequest,
  WorkerStats,
} from "./workers/worker-requests.ts";
export { AUDIT_ACTIONS, decodeAuditRecord, encodeAuditRecord } from "./workers/audit-record.ts";
export type { AuditAction, AuditActor, AuditRecord } from "./workers/audit-record.ts";
export {
  auditSubject,
  auditSubjects,
  workerRequestSubject,
  workersBucket,
  workerServiceName,
  workerSubject,
} from "./workers/worker-subjects.ts";

// Errors
export { UmbelError, invalidArgument, describe } from "./umbel-error.ts";
export type { InvalidArgument, UmbelErrorOptions } from "./umbel-error.ts";
export { ERROR_CODES, isErrorCode } from "./error-code.ts";
export type { ErrorCode } from "./error-code.ts";
export { errorCodeOf, readSerializedError, serializeError } from "./serialized-error.ts";
export type { SerializedError } from "./serialized-error.ts";
export { errorKind, generalMessage } from "./error-fingerprint.ts";
export type { ErrorKind } from "./error-fingerprint.ts";
