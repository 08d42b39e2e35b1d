import type { WorkerEntry } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { chooseWorkers } from "./ask-workers.ts";
import { workerStatus, type WorkerStatus } from "./worker-status.ts";

const entry = (id: string, name: string, more: Partial<WorkerEntry> = {}): WorkerEntry => ({
  id,
  name,
  host: "h",
  pid: 1,
  version: "1",
  node: "v24",
  startedAt: 0,
  at: 0,
  intervalMs: 2_000,
  ackWaitMs: 30_000,
  state: "running",
  queues: [],
  tasks: [],
  taskCount: 0,
  slots: { loop: { busy: 0, total: 1 }, thread: { busy: 0, total: 1 } },
  runs: [],
  held: 0,
  reserved: 0,
  counts: { started: 0, succeeded: 0, failed: 0, retried: 0, cancelled: 0, handedBack: 0, refused: 0 },
  loop: { delayMeanMs: 0, delayP99Ms: 0, delayMaxMs: 0, utilisation: 0 },
  memory: { rssBytes: 0, heapUsedBytes: 0, heapTotalBytes: 0 },
  ...more,
});

const status = (id: string, name: string): WorkerStatus =>
  workerStatus({ entry: entry(id, name), storedAt: 0 }, 0);

describe("the state of a worker", () => {
  const cases = [
    { said: "running", ackWaitMs: 30_000, now: 0, is: "running" },
    { said: "draining", ackWaitMs: 30_000, now: 6_999, is: "draining" },
    { said: "running", ackWaitMs: 30_000, now: 7_000, is: "silent" },
    { said: "running", ackWaitMs: 30_000, now: 29_999, is: "silent" },
    { said: "stopping", ackWaitMs: 30_000, now: 30_000, is: "lost" },
    // Its ack-wait is over before its silence shows.
    { said: "running", ackWaitMs: 5_000, now: 6_000, is: "running" },
    { said: "running", ackWaitMs: 5_000, now: 7_000, is: "lost" },
    // The clocks of two servers differ.
    { said: "running", ackWaitMs: 30_000, now: -50, is: "running" },
  ] as const;

  test.each(cases)("that said $said, with an ack-wait of $ackWaitMs ms, after $now ms is $is", (each) => {
    const { said: state, ackWaitMs, now, is } = each;
    const found = workerStatus({ entry: entry("a-1", "a", { state, ackWaitMs }), storedAt: 0 }, now);
    expect(found).toMatchObject({ state: is, ageMs: Math.max(0, now) });
  });
});

describe("the workers that a target names", () => {
  const all = [status("b-1", "b"), status("a-2", "a"), status("a-1", "a")];
  const ids = (target: string | readonly string[]): readonly string[] =>
    chooseWorkers(target, all).map(({ id }) => id);

  test("are all, one by its id, or all of a name, each once and in order", () => {
    expect(ids("all")).toEqual(["a-1", "a-2", "b-1"]);
    expect(ids("a-2")).toEqual(["a-2"]);
    expect(ids("a")).toEqual(["a-1", "a-2"]);
    expect(ids(["b", "a", "a-1"])).toEqual(["a-1", "a-2", "b-1"]);
  });

  test("must exist, and be named", () => {
    expect(() => ids("c-1")).toThrow('Did you mean "b-1"?');
    expect(() => ids(["a", "nobody-like-this"])).toThrow("There are b-1, a-2, a-1.");
    expect(() => ids([])).toThrow("workers: expected");
    expect(() => chooseWorkers("a", [])).toThrow("There is none at all.");
  });
});
