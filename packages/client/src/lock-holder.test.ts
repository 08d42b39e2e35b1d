import type { RunMessage, StoredRecord } from "@umbel/broker";
import type { LockRecord, LockUntil, RunRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { judgeMessage, judgeRecord } from "./lock-holder.ts";

const lock = (until: LockUntil): LockRecord => ({ runId: "a", task: "t", until, at: 1, stored: false });
const base = { task: "t", queue: "q", worker: "w", attempt: 1, starts: 1, at: 1, errors: [] };
const stored = (record: RunRecord | undefined, tombstone = false): StoredRecord => ({
  sequence: 3,
  record,
  tombstone,
  storedAt: 1,
});
const running = stored({ ...base, state: "running", lostStarts: 0 });
const retrying = stored({ ...base, state: "retrying", dueAt: 9 });
const handedBack = stored({ ...base, state: "queued", since: 1, starts: 0, attempt: 0 });
const ended = stored({ ...base, state: "failed", fence: 0, enqueuedAt: 1 });

describe("the record of a lock's run", () => {
  test.each<[LockUntil, StoredRecord, "there" | "over"]>([
    ["done", running, "there"],
    ["done", retrying, "there"],
    ["done", handedBack, "there"],
    ["done", ended, "over"],
    ["done", stored(undefined, true), "over"],
    ["done", stored(undefined), "there"],
    ["started", running, "over"],
    ["started", retrying, "over"],
    ["started", handedBack, "there"],
    ["started", ended, "over"],
    ["fired", running, "over"],
    ["fired", handedBack, "over"],
    ["fired", ended, "over"],
    ["time", ended, "there"],
    ["time", stored(undefined, true), "there"],
  ])("until %s: %o is %s", (until, record, kind) => {
    expect(judgeRecord(lock(until), record).kind).toBe(kind);
  });
});

describe("the message of a lock's run", () => {
  const message = (kind: "delayed" | "retrying"): RunMessage => ({
    address: { kind, queue: "q", task: "t", runId: "a" },
    subject: "s",
    sequence: 5,
    runHeader: "",
  });
  const ready: RunMessage = {
    ...message("delayed"),
    address: { kind: "ready", queue: "q", priority: "normal", task: "t", runId: "a" },
  };

  test.each<[LockUntil, RunMessage, "there" | "over"]>([
    ["done", ready, "there"],
    ["started", ready, "there"],
    ["time", ready, "there"],
    ["done", message("delayed"), "there"],
    ["fired", message("delayed"), "there"],
    ["fired", ready, "over"],
  ])("until %s: %o is %s", (until, found, kind) => {
    expect(judgeMessage(lock(until), found).kind).toBe(kind);
  });
});
