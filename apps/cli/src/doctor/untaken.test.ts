import type { WorkerStatus } from "@umbel/client";
import { DEFAULT_QUEUE_CONFIG, type QueuePause } from "@umbel/protocol";
import { expect, test } from "vitest";
import { untaken } from "./untaken.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

function worker(name: string, facts: Partial<WorkerStatus> = {}): WorkerStatus {
  const slots = { busy: 0, total: 10 };
  const counts = { started: 0, succeeded: 0, failed: 0, retried: 0, cancelled: 0, handedBack: 0, refused: 0 };
  return {
    id: name,
    name,
    host: "h",
    pid: 1,
    version: "0",
    node: "v24",
    startedAt: 1,
    at: NOW,
    intervalMs: 2_000,
    ackWaitMs: 30_000,
    state: "running",
    queues: ["media"],
    tasks: [],
    taskCount: 0,
    slots: { loop: slots, thread: slots },
    runs: [],
    held: 0,
    reserved: 0,
    counts,
    loop: { delayMeanMs: 0, delayP99Ms: 0, delayMaxMs: 0, utilisation: 0 },
    memory: { rssBytes: 1, heapUsedBytes: 1, heapTotalBytes: 1 },
    ageMs: 0,
    ...facts,
  };
}

const why = (workers: readonly WorkerStatus[] | undefined, paused?: QueuePause): string => {
  const config = { ...DEFAULT_QUEUE_CONFIG, version: 1, ...(paused === undefined ? {} : { paused }) };
  return untaken("media", { workers, configs: [{ queue: "media", config }], now: NOW }).why;
};

test.each([
  ["none is known, because the registry may not be read", undefined, "no worker takes them"],
  ["none is there", [], "no worker serves the queue"],
  ["they serve other queues", [worker("a", { queues: ["mail"] })], "no worker serves the queue"],
  ["the only one is lost", [worker("a", { state: "lost" })], "no worker serves the queue"],
  [
    "they drain or stop",
    [worker("a", { state: "draining" }), worker("b", { state: "stopping" })],
    "the workers that serve it take no more: a, b",
  ],
  [
    "they are silent",
    [worker("a", { state: "silent" }), worker("b", { state: "draining" })],
    "the workers that serve it are not heard of: a",
  ],
  [
    "their slots are taken",
    [worker("a"), worker("b", { state: "silent" })],
    "2 workers serve it and had no slot for it: other queues have them",
  ],
])("nobody takes runs when %s", (_, workers, expected) => {
  expect(why(workers)).toBe(expected);
});

test("nobody takes runs of a queue that is paused, whoever serves it", () => {
  const until = NOW + 60_000;
  expect(why([worker("a")], { at: 1, by: "eve", reason: "disk", until })).toBe(
    "the queue is paused by eve until 2026-01-01T00:01:00.000Z (disk)",
  );
  expect(why([worker("a")], { at: 1 })).toBe("the queue is paused");
  expect(why([], { at: 1, until: NOW })).toBe("no worker serves the queue");
});
