import { MAX_RESULT_TTL_MS } from "./result-ttl.ts";
import { PRIORITIES, priorityToken, type Priority } from "./priority.ts";
import { configSubjects, eventSubjects, laneFilter, readyFilter, taskStreamSubjects } from "./subjects.ts";
import { auditSubjects, workersBucket } from "./workers/worker-subjects.ts";

/** A JetStream stream as data. Times in milliseconds; an absent field is the server's default. */
export interface StreamSpec {
  readonly name: string;
  readonly description: string;
  readonly subjects: readonly string[];
  readonly retention: "limits" | "workqueue";
  readonly maxMessagesPerSubject: number;
  readonly maxAgeMs?: number;
  /** The oldest messages go when there are more. Where the server cannot set so much aside, less. */
  readonly maxBytes?: number;
  /** Promises rest on every message of it: a limit of its size, which drops the oldest, is taken away. */
  readonly unlimited?: boolean;
  readonly duplicateWindowMs: number;
  readonly allowSchedules?: boolean;
  readonly allowTtl?: boolean;
  readonly allowAtomic?: boolean;
  readonly allowRollup?: boolean;
  /** Nobody may remove or replace a message: they only age. Cannot be undone. */
  readonly sealed?: boolean;
  /** How long the marker of an expired message stays: a CAS against 0 is refused for that long. */
  readonly deleteMarkerTtlMs?: number;
  readonly republish?: { readonly source: string; readonly destination: string };
}

/** A durable pull consumer as data. */
export interface ConsumerSpec {
  readonly stream: string;
  readonly name: string;
  readonly filter: string;
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
}

/** How long after its last heartbeat a dead worker's run is delivered again: 30 seconds. */
export const DEFAULT_ACK_WAIT_MS = 30_000;
/** Far above what workers hold, so that only lanes and limits ever reach it. */
export const MAX_ACK_PENDING = 20_000;

const HOUR_MS = 3_600_000;

/** The names of a mesh's streams. */
export interface StreamNames {
  readonly tasks: string;
  readonly results: string;
  readonly deadLetters: string;
  readonly leases: string;
  readonly config: string;
  readonly events: string;
  readonly workers: string;
  readonly audit: string;
}

/** The names of the streams of `mesh`: they start with it in upper case. */
export function streamNames(mesh: string): StreamNames {
  const prefix = mesh.toUpperCase();
  return {
    tasks: `${prefix}_TASKS`,
    results: `KV_${mesh}_results`,
    deadLetters: `${prefix}_DLQ`,
    leases: `KV_${leasesBucket(mesh)}`,
    config: `KV_${mesh}_config`,
    events: `${prefix}_EVENTS`,
    workers: `KV_${workersBucket(mesh)}`,
    audit: `${prefix}_AUDIT`,
  };
}

/** The name of the key-value bucket that holds the run records of `mesh`. */
export function resultsBucket(mesh: string): string {
  return `${mesh}_results`;
}

/** The name of the key-value bucket that holds what is held for a time in `mesh`: the locks of unique runs. */
export function leasesBucket(mesh: string): string {
  return `${mesh}_leases`;
}

/** Every stream of a mesh. */
export function streamSpecs(mesh: string): readonly StreamSpec[] {
  return [
    tasksStream(mesh),
    resultsStream(mesh),
    deadLetterStream(mesh),
    leasesStream(mesh),
    configStream(mesh),
    eventStream(mesh),
    workersStream(mesh),
    auditStream(mesh),
  ];
}

function tasksStream(mesh: string): StreamSpec {
  return {
    name: streamNames(mesh).tasks,
    description: `Runs of the Umbel mesh "${mesh}" that wait or run`,
    subjects: taskStreamSubjects(mesh),
    retention: "workqueue",
    maxMessagesPerSubject: 1,
    unlimited: true,
    duplicateWindowMs: 120_000,
    allowSchedules: true,
    allowTtl: true,
    allowAtomic: true,
    // Schedules force it: a stream with them and without it is refused.
    allowRollup: true,
  };
}

function resultsStream(mesh: string): StreamSpec {
  const names = streamNames(mesh);
  return {
    name: names.results,
    description: `Run records of the Umbel mesh "${mesh}": claims and outcomes`,
    subjects: [`$KV.${resultsBucket(mesh)}.>`],
    retention: "limits",
    maxMessagesPerSubject: 1,
    // The server cuts a message's own time to live to this: it is the most that an outcome may be kept.
    maxAgeMs: MAX_RESULT_TTL_MS,
    unlimited: true,
    duplicateWindowMs: 10_000,
    allowTtl: true,
    allowRollup: true,
    deleteMarkerTtlMs: HOUR_MS,
    republish: { source: `$KV.${resultsBucket(mesh)}.>`, destination: `${mesh}.N.>` },
  };
}

function deadLetterStream(mesh: string): StreamSpec {
  return {
    name: streamNames(mesh).deadLetters,
    description: `Runs of the Umbel mesh "${mesh}" that will not be tried again`,
    subjects: [`${mesh}.D.*.*.*`],
    retention: "limits",
    maxMessagesPerSubject: 1,
    maxAgeMs: 30 * 24 * HOUR_MS,
    duplicateWindowMs: 10_000,
    allowTtl: true,
  };
}

function leasesStream(mesh: string): StreamSpec {
  return {
    name: streamNames(mesh).leases,
    description: `What is held for a time in the Umbel mesh "${mesh}": the locks of unique runs`,
    subjects: [`$KV.${leasesBucket(mesh)}.>`],
    retention: "limits",
    maxMessagesPerSubject: 1,
    unlimited: true,
    duplicateWindowMs: 10_000,
    allowTtl: true,
    allowRollup: true,
  };
}

function configStream(mesh: string): StreamSpec {
  const { stored, announced } = configSubjects(mesh);
  return {
    name: streamNames(mesh).config,
    description: `What is decided in the Umbel mesh "${mesh}": queues and schedules`,
    subjects: [stored],
    retention: "limits",
    maxMessagesPerSubject: 1,
    unlimited: true,
    duplicateWindowMs: 10_000,
    allowTtl: true,
    allowRollup: true,
    deleteMarkerTtlMs: HOUR_MS,
    // What is heard there is stored: a subscription to the stored subjects would also hear what was refused.
    republish: { source: stored, destination: announced },
  };
}

const GIBIBYTE = 2 ** 30;

function eventStream(mesh: string): StreamSpec {
  return {
    name: streamNames(mesh).events,
    description: `What happened in the Umbel mesh "${mesh}": for whoever looks on, nothing depends on it`,
    subjects: [eventSubjects(mesh)],
    retention: "limits",
    maxMessagesPerSubject: -1,
    maxAgeMs: 24 * HOUR_MS,
    maxBytes: GIBIBYTE,
    duplicateWindowMs: 10_000,
  };
}

/** How long a worker that ended without a word is remembered: 10 minutes. */
const LOST_WORKERS_MS = HOUR_MS / 6;

function workersStream(mesh: string): StreamSpec {
  return {
    name: streamNames(mesh).workers,
    description: `The workers of the Umbel mesh "${mesh}", as they told of themselves last`,
    subjects: [`$KV.${workersBucket(mesh)}.>`],
    retention: "limits",
    maxMessagesPerSubject: 1,
    maxAgeMs: LOST_WORKERS_MS,
    duplicateWindowMs: 10_000,
    allowTtl: true,
    allowRollup: true,
  };
}

function auditStream(mesh: string): StreamSpec {
  return {
    name: streamNames(mesh).audit,
    description: `What operators did in the Umbel mesh "${mesh}"`,
    subjects: [auditSubjects(mesh)],
    retention: "limits",
    maxMessagesPerSubject: -1,
    maxAgeMs: 90 * 24 * HOUR_MS,
    maxBytes: GIBIBYTE / 16,
    duplicateWindowMs: 10_000,
    sealed: true,
  };
}

/** The name of the consumer of a queue's priority. */
export function consumerName(queue: string, priority: Priority): string {
  return `${queue}_${priorityToken(priority)}`;
}

/** The consumers of a queue: one for each priority. */
export function consumerSpecs(mesh: string, queue: string, ackWaitMs: number): readonly ConsumerSpec[] {
  return PRIORITIES.map((priority) => ({
    stream: streamNames(mesh).tasks,
    name: consumerName(queue, priority),
    filter: readyFilter(mesh, queue, priority),
    ackWaitMs,
    maxAckPending: MAX_ACK_PENDING,
  }));
}

/** The name of the consumer of a queue's lane. */
export function laneConsumerName(queue: string, lane: number): string {
  return `${queue}_k${lane}`;
}

/** The consumers of some of a queue's lanes: each hands over one run at a time. */
export function laneConsumerSpecs(
  mesh: string,
  queue: string,
  { lanes, ackWaitMs }: { readonly lanes: readonly number[]; readonly ackWaitMs: number },
): readonly ConsumerSpec[] {
  return lanes.map((lane) => ({
    stream: streamNames(mesh).tasks,
    name: laneConsumerName(queue, lane),
    filter: laneFilter(mesh, queue, lane),
    ackWaitMs,
    maxAckPending: 1,
  }));
}
