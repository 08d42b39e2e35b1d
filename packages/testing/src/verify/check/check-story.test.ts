import { expect, test } from "vitest";
import type { EndRecord, HistoryEntry } from "../history/entries.ts";
import type { OperationKind } from "../plan/plan-operations.ts";
import { countDuplicates } from "./duplicates.ts";
import {
  acked,
  asked,
  broken,
  executed,
  expectBroken,
  handled,
  OF_FEATURES,
  operation,
  seen,
  story,
  succeeded,
  type Scene,
} from "./story.test.helper.ts";
import { PROMISES } from "./violation.ts";

// Every assertion is shown a history that breaks its promise, and the one beside it that does not.

const plain = [operation(1, "plain")];
const once = [asked(1, 0), acked(1, 5), ...executed(1, [10, 20])];

test("a history in which all went well breaks nothing", () => {
  expect(broken({ operations: plain, entries: once, records: { r1: succeeded(1) } })).toEqual([]);
});

test("an acknowledged run without an outcome is lost", () => {
  expect(broken({ operations: plain, entries: once, records: { r1: succeeded(1) } })).toEqual([]);
  expectBroken("no acknowledged enqueue lost", { operations: plain, entries: once });
  const entries: HistoryEntry[] = [{ what: "child", n: 1, parentId: "r9", index: 0, runId: "c", at: 1 }];
  expectBroken("no acknowledged enqueue lost", { entries, records: { c: { state: "queued", attempt: 0 } } });
});

test("an enqueue that was refused owes nothing", () => {
  const entries: HistoryEntry[] = [asked(1, 0), { what: "refused", n: 1, code: "unconfirmed", at: 9 }];
  expect(broken({ operations: plain, entries })).toEqual([]);
});

test("an outcome is announced once, and is the one that is recorded", () => {
  const notice = (sequence: number, state: EndRecord["state"]) => ({ runId: "r1", sequence, state });
  const of = (...notices: ReturnType<typeof notice>[]): Scene => ({
    operations: plain,
    entries: once,
    records: { r1: succeeded(1) },
    end: { notices },
  });
  // Three servers announce it to three connections; claims are no outcomes.
  expect(broken(of(notice(4, "running"), notice(7, "succeeded"), notice(7, "succeeded")))).toEqual([]);
  expectBroken("one outcome per run", of(notice(7, "succeeded"), notice(8, "succeeded")));
  expectBroken("one outcome per run", of(notice(7, "failed")));
});

test("there is a dead letter for each run that failed, and for no other", () => {
  const of = (state: "failed" | "succeeded", deadLetters: readonly string[]): Scene => ({
    entries: [],
    records: { r1: { state, attempt: 1 } },
    end: { deadLetters },
  });
  expect(broken(of("failed", ["r1"]))).toEqual([]);
  expectBroken("one outcome per run", of("failed", []));
  expectBroken("one outcome per run", of("failed", ["r1", "r1"]));
  expectBroken("one outcome per run", of("succeeded", ["r1"]));
});

test("a parent that is executed again has the same children", () => {
  const child = (runId: string, at: number): HistoryEntry => ({
    what: "child",
    n: 1,
    parentId: "r1",
    index: 0,
    runId,
    at,
  });
  const records = { a: succeeded(1), b: succeeded(1) };
  expect(broken({ entries: [child("a", 1), child("a", 2)], records })).toEqual([]);
  expectBroken("one outcome per run", { entries: [child("a", 1), child("b", 2)], records });
});

test("a run ends as its operation had to", () => {
  const of = (record: EndRecord, kind: OperationKind = "plain", failures = 0): Scene => ({
    operations: [operation(1, kind, { failures })],
    entries: [asked(1, 0), acked(1, 5)],
    records: { r1: record },
    end: { deadLetters: record.state === "failed" ? ["r1"] : [] },
  });
  expect(broken(of(succeeded(1, 3), "retrying", 2))).toEqual([]);
  expect(broken(of({ state: "failed", attempt: 3 }, "failing", 3))).toEqual([]);
  expect(broken(of({ state: "expired", attempt: 0 }, "expiring"))).toEqual([]);
  expectBroken("the outcome that was due", of({ state: "failed", attempt: 1 }));
  expectBroken("the outcome that was due", of(succeeded(2)));
  expectBroken("the outcome that was due", of(succeeded(1, 2)));
  expectBroken("the outcome that was due", of(succeeded(1, 2), "retrying", 2));
  expectBroken("the outcome that was due", of(succeeded(1), "failing", 3));
});

test("no run begins before it is due, nor its next attempt", () => {
  const delayed = (at: number): Scene => ({
    operations: [operation(1, "delayed", { delayMs: 1_000 })],
    entries: [asked(1, 0), acked(1, 5), ...executed(1, [at, at + 10])],
    records: { r1: succeeded(1) },
  });
  expect(broken(delayed(1_000))).toEqual([]);
  expectBroken("no early start", delayed(990));
  const retried = (at: number): Scene => ({
    operations: [operation(1, "retrying", { failures: 1 })],
    entries: [
      asked(1, 0),
      acked(1, 5),
      handled("started", 1, { at: 10 }),
      handled("failed", 1, { at: 20 }),
      ...executed(1, [at, at + 10], { attempt: 2, fence: 7 }),
    ],
    records: { r1: succeeded(1, 2) },
  });
  expect(broken(retried(320))).toEqual([]);
  expectBroken("no early start", retried(200));
});

const keyed = [operation(1, "keyed", { key: "k" }), operation(2, "keyed", { key: "k" })];
const bothAcked = [asked(1, 0), acked(1, 5), asked(2, 6), acked(2, 9)];
const bothDone = { r1: succeeded(1), r2: succeeded(2) };

test("runs of one key begin in their order, one at a time", () => {
  const of = (...executions: HistoryEntry[]): Scene => ({
    operations: keyed,
    entries: [...bothAcked, ...executions],
    records: bothDone,
  });
  expect(broken(of(...executed(1, [10, 20]), ...executed(2, [21, 30])))).toEqual([]);
  expectBroken("order of keys", of(...executed(2, [10, 20]), ...executed(1, [21, 30])));
  expectBroken("order of keys", of(...executed(1, [10, 25]), ...executed(2, [21, 30])));
});

test("what overlaps with a run of its key must be a zombie that was fenced", () => {
  const of = (fence: number): Scene => ({
    operations: keyed,
    entries: [
      ...bothAcked,
      ...executed(1, [10, 90], { pid: 1 }),
      ...executed(1, [40, 50], { pid: 2, fence }),
      ...executed(2, [60, 70]),
    ],
    records: bothDone,
  });
  expect(broken(of(7))).toEqual([]);
  expect(broken(of(0))).toEqual(["order of keys", "order of keys"]);
});

test("a process that was killed executes nothing any more", () => {
  const of = (...more: HistoryEntry[]): Scene => ({
    operations: keyed,
    entries: [...bothAcked, handled("started", 1, { at: 10 }), ...executed(2, [60, 70], { pid: 2 }), ...more],
    records: bothDone,
  });
  expect(broken(of({ what: "killed", pid: 1, at: 30 }))).toEqual([]);
  expectBroken("order of keys", of());
});

test("no two runs of a unique key are there at the same time", () => {
  const of = (secondAckedAt: number, existed = false): Scene => ({
    operations: [operation(1, "unique", { key: "u" }), operation(2, "unique", { key: "u" })],
    entries: [
      asked(1, 0),
      acked(1, 5),
      ...executed(1, [10, 50]),
      asked(2, 6),
      acked(2, secondAckedAt, existed),
      ...executed(2, [60, 70]),
    ],
    records: bothDone,
  });
  expect(broken(of(55))).toEqual([]);
  expect(broken(of(30, true))).toEqual([]);
  expectBroken("unique held", of(30));
});

test("a cancel is honoured, or says that it came too late", () => {
  const of = (state: "cancelled" | "succeeded", found: EndRecord, startedAt = 10): Scene => ({
    operations: [operation(1, "cancelled")],
    entries: [
      asked(1, 0),
      acked(1, 5),
      { what: "cancelled", n: 1, runId: "r1", cancelled: state === "cancelled", state, at: 8 },
      ...executed(1, [startedAt, startedAt + 5]),
    ],
    records: { r1: found },
  });
  const cancelled: EndRecord = { state: "cancelled", attempt: 0 };
  expect(broken(of("cancelled", cancelled))).toEqual([]);
  expect(broken(of("succeeded", succeeded(1)))).toEqual([]);
  expectBroken("cancels honoured", of("cancelled", succeeded(1)));
  expectBroken("cancels honoured", of("succeeded", cancelled));
  expectBroken("cancels honoured", of("cancelled", cancelled, 9_000));
});

test("a worker drains in its time, and ends well", () => {
  const of = (afterMs: number, code: number): Scene => ({
    entries: [{ what: "drained", pid: 1, afterMs, graceMs: 5_000, code, at: 1 }],
  });
  expect(broken(of(4_000, 0))).toEqual([]);
  expectBroken("drains within grace", of(5_001, 0));
  expectBroken("drains within grace", of(4_000, 1));
});

test("after a fault, runs go through again", () => {
  const of = (what: "recovered" | "not-recovered"): Scene => ({
    entries: [{ what, id: 1, kind: "cut", afterMs: 90_000, at: 1 }],
  });
  expect(broken(of("recovered"))).toEqual([]);
  expectBroken("recovers", of("not-recovered"));
});

test("every promise was shown broken", () => {
  const here = PROMISES.filter((promise) => !OF_FEATURES.includes(promise));
  expect([...seen].toSorted()).toEqual(here.toSorted());
});

test("executions that were too many are counted, and which of them nothing fenced", () => {
  const twice = (fence: number): Scene => ({
    operations: plain,
    entries: [...executed(1, [10, 90], { pid: 1 }), ...executed(1, [40, 50], { pid: 2, fence })],
  });
  expect(countDuplicates(story(twice(7)))).toEqual({ runs: 1, executions: 1, beside: 1, unfenced: 0 });
  expect(countDuplicates(story(twice(0)))).toEqual({ runs: 1, executions: 1, beside: 1, unfenced: 1 });
  expect(countDuplicates(story({ entries: once }))).toEqual({
    runs: 0,
    executions: 0,
    beside: 0,
    unfenced: 0,
  });
});
