import { hostname } from "node:os";
import {
  MAX_ENTRY_RUNS,
  MAX_ENTRY_TASKS,
  type HeldRun,
  type WorkerEntry,
  type WorkerEntryState,
} from "@umbel/protocol";
import type { ActiveRun } from "../active-runs.ts";
import { WORKER_VERSION } from "../worker-version.ts";
import type { WorkerParts } from "../worker-parts.ts";

const SLOWEST_MS = 2_000;
const QUICKEST_MS = 200;
const OF_ACK_WAIT = 5;

/** How often a worker tells of itself: its silence must show before its ack-wait is over. Pure. */
export function tellEveryMs(ackWaitMs: number): number {
  return Math.min(SLOWEST_MS, Math.max(QUICKEST_MS, Math.round(ackWaitMs / OF_ACK_WAIT)));
}

/** What differs from one entry of a worker to the next, and its parts do not say. */
export interface Moment {
  readonly state: WorkerEntryState;
  /** When it was started, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly loop: WorkerEntry["loop"];
}

/** What a worker tells of itself now. */
export function describeWorker(parts: WorkerParts, { state, startedAt, loop }: Moment): WorkerEntry {
  const { options, consumption, active, slots, threads, tasks, counter } = parts;
  const { loop: onLoop, thread: onThreads } = slots;
  const { rss: rssBytes, heapUsed: heapUsedBytes, heapTotal: heapTotalBytes } = process.memoryUsage();
  return {
    id: parts.id,
    name: options.workerName,
    host: hostname(),
    pid: process.pid,
    version: WORKER_VERSION,
    node: process.version,
    startedAt,
    at: Date.now(),
    intervalMs: tellEveryMs(options.ackWaitMs),
    ackWaitMs: options.ackWaitMs,
    state,
    queues: consumption.queues,
    tasks: tasks.slice(0, MAX_ENTRY_TASKS),
    taskCount: tasks.length,
    slots: {
      loop: { busy: onLoop.busy, total: onLoop.size },
      thread: { busy: onThreads.busy, total: onThreads.size },
    },
    ...(threads === undefined ? {} : { threads: threads.counts }),
    runs: active.oldest(MAX_ENTRY_RUNS).map(heldRun),
    held: active.size,
    reserved: onLoop.waiting + onThreads.waiting + consumption.earlyRuns.length,
    counts: counter.counts,
    loop,
    memory: { rssBytes, heapUsedBytes, heapTotalBytes },
  };
}

/** A run that a worker holds, as others see it. */
export function heldRun({ run, ownership, startedAt }: ActiveRun): HeldRun {
  return {
    runId: run.runId,
    task: run.meta.task,
    queue: run.queue,
    ...(ownership === undefined ? {} : { attempt: ownership.attempt }),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
}
