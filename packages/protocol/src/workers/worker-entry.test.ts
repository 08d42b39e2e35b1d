import { describe, expect, test } from "vitest";
import { encodeToken } from "../names.ts";
import { decodeWorkerEntry, encodeWorkerEntry, type WorkerEntry } from "./worker-entry.ts";
import { workerRequestSubject, workerSubject } from "./worker-subjects.ts";

const ENTRY: WorkerEntry = {
  id: "ada.1-00ff00ff",
  name: "ada.1",
  host: "ada",
  pid: 7,
  version: "0.1.0",
  node: "v24.0.0",
  startedAt: 1_000,
  at: 3_000,
  intervalMs: 2_000,
  ackWaitMs: 30_000,
  state: "draining",
  queues: ["default"],
  tasks: ["mail.send"],
  taskCount: 1,
  slots: { loop: { busy: 1, total: 50 }, thread: { busy: 0, total: 4 } },
  threads: { total: 4, busy: 0, replaced: 0 },
  runs: [
    { runId: "r1", task: "mail.send", queue: "default", attempt: 1, startedAt: 2_000 },
    { runId: "r2", task: "mail.send", queue: "default" },
  ],
  held: 2,
  reserved: 3,
  counts: { started: 9, succeeded: 5, failed: 1, retried: 2, cancelled: 1, handedBack: 0, refused: 0 },
  loop: { delayMeanMs: 0.1, delayP99Ms: 1, delayMaxMs: 5, utilisation: 0.25 },
  memory: { rssBytes: 3, heapUsedBytes: 1, heapTotalBytes: 2 },
};

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("the entry of a worker", () => {
  test("is read as it was written, with threads and without", () => {
    expect(decodeWorkerEntry(encodeWorkerEntry(ENTRY))).toStrictEqual(ENTRY);
    const { threads: _, ...without } = ENTRY;
    expect(decodeWorkerEntry(encodeWorkerEntry(without))).toStrictEqual(without);
  });

  test("of a newer worker is read without what is new, and what an older one does not count is 0", () => {
    const { refused: _, ...counts } = ENTRY.counts;
    const newer = { v: 1, ...ENTRY, mood: "fine", counts: { ...counts, dreamt: 4 } };
    expect(decodeWorkerEntry(bytes(newer))).toStrictEqual(ENTRY);
  });

  test.each([
    ["no JSON", new TextEncoder().encode("{")],
    ["no map", bytes([])],
    ["another version", bytes({ ...ENTRY, v: 2 })],
    ["no id", bytes({ ...ENTRY, v: 1, id: 7 })],
    ["a state that is not known", bytes({ ...ENTRY, v: 1, state: "asleep" })],
    ["slots that are none", bytes({ ...ENTRY, v: 1, slots: 3 })],
  ])("with %s is refused", (_, body) => {
    expect(() => decodeWorkerEntry(body)).toThrow(expect.objectContaining({ code: "undecodable" }));
  });
});

test("a worker's subjects have one token for its id, whatever it is called", () => {
  const id = "a.b *>\r\n-1";
  expect(workerSubject("umbel", id)).toBe(`$KV.umbel_workers.${encodeToken(id)}`);
  expect(workerRequestSubject("umbel", id, "inspect").split(".")).toHaveLength(5);
});
