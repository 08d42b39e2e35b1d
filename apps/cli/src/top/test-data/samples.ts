import type { WorkerStatus } from "@umbel/client";
import type { TopFacts, TopQueue } from "../facts.ts";

/** A queue in which nothing is. */
export function queue(name: string, fields: Partial<TopQueue> = {}): TopQueue {
  return {
    queue: name,
    ready: { high: 0, normal: 0, low: 0 },
    keyed: 0,
    delayed: 0,
    retrying: 0,
    running: 0,
    lanes: 0,
    pulls: 0,
    paused: undefined,
    waiting: 0,
    inPerSecond: 0,
    outPerSecond: 0,
    ...fields,
  };
}

/** A worker that does nothing. */
export function worker(name: string, fields: Partial<WorkerStatus> = {}): WorkerStatus {
  const nothing = {
    started: 0,
    succeeded: 0,
    failed: 0,
    retried: 0,
    cancelled: 0,
    handedBack: 0,
    refused: 0,
  };
  return {
    id: `${name}-1`,
    name,
    host: "host",
    pid: 1,
    version: "0.1.0",
    node: "v24",
    startedAt: 0,
    at: 0,
    intervalMs: 2_000,
    ackWaitMs: 30_000,
    state: "running",
    ageMs: 0,
    queues: ["default"],
    tasks: [],
    taskCount: 0,
    slots: { loop: { busy: 0, total: 50 }, thread: { busy: 0, total: 2 } },
    runs: [],
    held: 0,
    reserved: 0,
    counts: nothing,
    loop: { delayMeanMs: 0, delayP99Ms: 0, delayMaxMs: 0, utilisation: 0 },
    memory: { rssBytes: 0, heapUsedBytes: 0, heapTotalBytes: 0 },
    ...fields,
  };
}

/** A mesh with these things. */
export function facts(fields: Partial<TopFacts> = {}): TopFacts {
  return { at: 0, queues: [], workers: [], dead: { count: 0, latest: [] }, ...fields };
}
