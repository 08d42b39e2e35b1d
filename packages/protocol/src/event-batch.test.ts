import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEventBatch, encodeEventBatch } from "./event-batch.ts";
import { EVENT_FIELDS, EVENT_TYPES } from "./event-fields.ts";
import { eventCount, eventError, eventsOf, eventTuple } from "./event-tuple.ts";
import type { EventData } from "./event.ts";
import { createRunIdSource } from "./run-id.ts";
import { UmbelError } from "./umbel-error.ts";

const source = { role: "worker", id: "w-1" } as const;
const attempt = { runId: "r1", task: "media.thumb", queue: "media", attempt: 2, delivery: 3, start: 2 };
const error = { name: "TypeError", message: "broken", code: "E" };
const ALL: EventData = {
  "run.enqueued": {
    runId: "r1",
    task: "t",
    queue: "q",
    priority: "high",
    dueAt: 5,
    rootRunId: "r0",
    traceId: "ab",
  },
  "run.started": { ...attempt, waitMs: 5 },
  "run.succeeded": { ...attempt, durationMs: 7, parentRunId: "p", rootRunId: "r0" },
  "run.retrying": { ...attempt, delayMs: 9, error },
  "run.failed": { ...attempt, reason: "exhausted", durationMs: 1, error },
  "run.dead_lettered": { ...attempt, reason: "exhausted", error },
  "run.cancelled": { runId: "r1", task: "t", queue: "q", reason: "no need" },
  "run.expired": { ...attempt, reason: "late" },
  "run.handed_back": { ...attempt, reason: "stopping" },
  "worker.started": { queues: ["a", "b"], tasks: [], slots: 1, threads: 2 },
  "worker.stopping": { reason: "SIGTERM", running: 3 },
  "worker.stopped": { durationMs: 4 },
  "events.lost": { count: 2 },
};

const encode = (tuples: unknown[][]): Uint8Array =>
  encodeEventBatch(tuples, { source, first: 10, count: tuples.length });
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("a batch of events", () => {
  test("comes back as it was, of every type", () => {
    const tuples = EVENT_TYPES.map((type, index) => eventTuple(type, 1_000 + index, ALL[type]));
    expect(decodeEventBatch(encode(tuples))).toEqual({
      source,
      first: 10,
      count: EVENT_TYPES.length,
      events: EVENT_TYPES.map((type, index) => ({
        v: 1,
        type,
        at: 1_000 + index,
        worker: "w-1",
        ...ALL[type],
      })),
    });
  });

  test("holds what its events share once", () => {
    const tuples = Array.from({ length: 50 }, (_, index) =>
      eventTuple("run.started", index, ALL["run.started"]),
    );
    expect(text(encode(tuples)).split("media.thumb")).toHaveLength(2);
  });

  test("has one entry for many runs that were enqueued together", () => {
    const tuple = [0, 5, ["r1", "r2"], "t", "q", "low"];
    expect(eventCount(tuple)).toBe(2);
    expect(eventCount(eventTuple("worker.stopped", 1, { durationMs: 4 }))).toBe(1);
    const event = {
      v: 1,
      type: "run.enqueued",
      at: 5,
      worker: "w-1",
      task: "t",
      queue: "q",
      priority: "low",
    };
    expect(decodeEventBatch(encode([tuple]))?.events).toEqual([
      { ...event, runId: "r1" },
      { ...event, runId: "r2" },
    ]);
  });

  test("spells out only the counters of ids that one producer made in one millisecond", () => {
    const ids = createRunIdSource(() => 1_700_000_000_000, new Uint8Array(10).fill(7));
    const runIds = Array.from({ length: 300 }, () => ids.next());
    const together = encode([[0, 5, runIds, "t", "q", "low"]]);
    expect(together.length).toBeLessThan(300 * 4 + 150);
    const told = decodeEventBatch(together)?.events ?? [];
    expect(told.map((event) => ("runId" in event ? event.runId : event))).toEqual(runIds);
  });

  test("keeps ids that have nothing in common as they are", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[0-9A-Z]{1,24}$/), { minLength: 1 }), (runIds) => {
        const told = decodeEventBatch(encode([[0, 5, runIds, "t", "q", "low"]]))?.events ?? [];
        expect(told.map((event) => ("runId" in event ? event.runId : event))).toEqual(runIds);
      }),
    );
  });

  test("leaves out what cannot be read", () => {
    const good = [11, 0, 4];
    for (const bad of [
      [99, 0],
      [11],
      [11, "0", 4],
      [11, 0, "4"],
      "x",
      null,
      [0, 0, "r", 0, 0, 1],
      [10, 0, 5, 1],
    ]) {
      const batch = decodeEventBatch(bytes([1, "client", "c", 0, 2, 7, ["t"], [bad, good]]));
      expect(batch?.events).toEqual([{ v: 1, type: "worker.stopped", at: 7, client: "c", durationMs: 4 }]);
    }
  });

  test("of another version is nothing, and anything else is undecodable", () => {
    expect(decodeEventBatch(bytes([2, "x", 1, 1, 1, 1, 1, 1]))).toBeUndefined();
    const wrong = [null, {}, [], [1], [1, "boss", "c", 0, 1, 0, [], []], [1, "client", 5, 0, 1, 0, [], []]];
    const more = [
      [1, "client", "c", -1, 1, 0, [], []],
      [1, "client", "c", 0, 1, 0, {}, []],
      [1, "client", "c", 0, 1, 0, [], 1],
    ];
    for (const value of [...wrong, ...more]) {
      expect(() => decodeEventBatch(bytes(value))).toThrow(expect.objectContaining({ code: "undecodable" }));
    }
    expect(() => decodeEventBatch(new Uint8Array([0xff]))).toThrow(
      expect.objectContaining({ code: "undecodable" }),
    );
  });

  test("never throws anything else, whatever JSON it holds", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (names, tuples) => {
        const whole = Array.isArray(names) && Array.isArray(tuples);
        const read = (): unknown => decodeEventBatch(bytes([1, "worker", "w", 0, 1, 0, names, tuples]));
        expect(codeOf(read)).toBe(whole ? undefined : "undecodable");
      }),
    );
  });
});

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return UmbelError.is(thrown) ? thrown.code : thrown;
  }
}

describe("an event", () => {
  test("has bounded texts", () => {
    const long = "x".repeat(1_000);
    expect(eventError({ name: long, message: long, code: long, stack: long })).toEqual({
      name: `${"x".repeat(299)}…`,
      message: `${"x".repeat(299)}…`,
      code: `${"x".repeat(299)}…`,
    });
    const [event] = eventsOf(eventTuple("worker.stopping", 1, { reason: long, running: 0 }), source);
    expect(event).toMatchObject({ reason: `${"x".repeat(299)}…` });
  });

  test("has a number and fields for every type, required ones first told", () => {
    expect(EVENT_TYPES.toSorted()).toEqual(Object.keys(EVENT_FIELDS).toSorted());
    for (const type of EVENT_TYPES) {
      const names = EVENT_FIELDS[type].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
