// Connection
export { connectBroker } from "./connection.ts";
export type { BrokerConnection, ConnectionEvent, Unsubscribe } from "./connection.ts";
export { CONNECTION_FIELDS } from "./connection-options.ts";
export type { ConnectionOptions } from "./connection-options.ts";
export { LEAST_API_LEVEL, LEAST_SERVER_VERSION } from "./server-check.ts";

// Streams and consumers
export { inspectStreams, provisionConsumers, provisionLanes, provisionStreams } from "./provision.ts";
export type { ProvisionedStream } from "./provision.ts";
export { deleteStreams } from "./delete-streams.ts";
export type { Difference, StreamPlacement } from "./stream-config.ts";

// Definitions of queues
export { QueueConfigs } from "./queue-configs.ts";
export type { NamedQueueConfig } from "./queue-configs.ts";
export { findKeyedRun } from "./find-keyed-run.ts";

// Publishing
export { Publisher } from "./publisher.ts";
export type { Publication, PublisherOptions, PublishRequest } from "./publisher.ts";
export type { Stored } from "./publish-reply.ts";
export { MAX_BATCH, publishBatch } from "./batch.ts";
export type { BatchMessage } from "./batch.ts";
export {
  encodeHeaders,
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  SCHEDULE,
  SCHEDULE_TARGET,
  TTL,
} from "./encoded-headers.ts";
export type { EncodedHeaders } from "./encoded-headers.ts";

// Runs
export { CreditPuller } from "./credit-puller.ts";
export type { PullerHooks } from "./credit-puller.ts";
export type { PriorityWeights } from "./priority-shares.ts";
export { Delivery } from "./delivery.ts";
export type { PullSource } from "./delivery.ts";
export { RunRecords } from "./run-records.ts";
export type { RecordWrite, StoredRecord, WriteOptions, WriteResult } from "./run-records.ts";
export { findRunMessage, purgeRunMessage } from "./run-messages.ts";
export type { RunMessage } from "./run-messages.ts";
export { readRunMessage } from "./read-run-message.ts";
export type { WholeRunMessage } from "./read-run-message.ts";
export { RunLocks } from "./run-locks.ts";
export type { StoredLock, TakeOptions, TakeResult } from "./run-locks.ts";

// Schedules
export { findOverdueSchedules, refireSchedule } from "./overdue-schedules.ts";
export type { OverdueSchedule, ScheduleScan, ScheduleScanOptions } from "./overdue-schedules.ts";

export { listSchedules, ScheduleRecords } from "./schedule-records.ts";
export type { NamedSchedule, ScheduleWrite, StoredSchedule } from "./schedule-records.ts";
export { armTick, findTicks, provisionTicks } from "./ticks.ts";
export { readServerTime } from "./server-time.ts";

// Reading streams
export { MAX_LAST, readLastMessages, readStream } from "./read-stream.ts";
export type { ReadMessage, ReadResult, ReadStreamQuery } from "./read-stream.ts";

export { readOpenRuns } from "./read-open-runs.ts";
export type { OpenRun, ReadOpenRuns } from "./read-open-runs.ts";
export { readRecords, readRecordsOf } from "./read-records.ts";
export type { ReadRecord, ReadRecords } from "./read-records.ts";
export { lastOfStream } from "./last-of-stream.ts";
export { readDelivered } from "./read-delivered.ts";

export { releaseLane } from "./release-lane.ts";

// Dead letters
export { listDeadLetters } from "./list-dead-letters.ts";
export type { ListDeadLettersOptions, StoredDeadLetter } from "./list-dead-letters.ts";
export { findDeadLetter, readDeadLetters, removeDeadLetter } from "./dead-letter-store.ts";
export type { ReadDeadLetters, ReadDeadLettersQuery } from "./dead-letter-store.ts";

// Workers
export { readWorkers, WorkerRegistration } from "./worker-registry.ts";
export type { StoredWorker, StoredWorkers } from "./worker-registry.ts";

export { MicroService } from "./micro-service.ts";
export type { MicroAnswer, MicroDefinition, MicroEndpoint } from "./micro-service.ts";
export { ask } from "./ask.ts";
export type { Asked } from "./ask.ts";
export { readAudit } from "./read-audit.ts";
export type { ReadAuditOptions } from "./read-audit.ts";

// Events
export { EventPublisher } from "./event-publisher.ts";
export { readEvents } from "./read-events.ts";
export type { ReadEventsOptions } from "./read-events.ts";

// Looking at a mesh
export { readServerFacts } from "./server-facts.ts";
export type { ServerFacts } from "./server-facts.ts";
export { measureServerClock } from "./server-clock.ts";
export type { ClockOffset } from "./server-clock.ts";
export { inspectConsumers } from "./inspect-consumers.ts";
export type { ConsumerFacts } from "./inspect-consumers.ts";
export { inspectUse } from "./inspect-use.ts";
export type { StreamUse } from "./inspect-use.ts";
export { inspectCopies } from "./inspect-copies.ts";
export type { CopyFacts, StreamCopies } from "./inspect-copies.ts";
export { countWaiting } from "./count-waiting.ts";
export type { QueueCount, WaitingCount } from "./count-waiting.ts";
export { probeRights } from "./probe-rights.ts";
export type { Right } from "./probe-rights.ts";

// Doing harm on purpose
export {
  deleteTaskConsumer,
  fillStream,
  leaderOfStream,
  listTaskConsumers,
  needsTls,
  stepDownConsumer,
  stepDownStream,
} from "./disturb.ts";
export type { DisturbedStream } from "./disturb.ts";
