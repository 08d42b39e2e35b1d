import type { RunMessage } from "@umbel/broker";
import { formatRunHeader, type AttemptError, type RunMeta, type RunRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { infoOfMessage, infoOfRecord, type RunInfo } from "./run-info.ts";

const ERRORS: readonly AttemptError[] = [{ attempt: 1, at: 7, error: { name: "Error", message: "boom" } }];
const BASE = { task: "t", queue: "q", worker: "w", attempt: 2, starts: 3, at: 90, errors: ERRORS };
const KNOWN = { runId: "run-1", task: "t", queue: "q", worker: "w", attempt: 2, starts: 3, errors: ERRORS };
const META: RunMeta = { task: "t", enqueuedAt: 5, origin: "o", attempt: 1, verify: false };

const ofRecord = (record: RunRecord | undefined): RunInfo => infoOfRecord("run-1", { record });

function ofMessage(meta: RunMeta | string, address?: RunMessage["address"]): RunInfo {
  const runHeader = typeof meta === "string" ? meta : formatRunHeader(meta);
  return infoOfMessage("run-1", { address, runHeader });
}

describe("the record of a run tells", () => {
  test.each<[RunRecord, Partial<RunInfo>]>([
    [
      { ...BASE, state: "running", lostStarts: 1 },
      { state: "running", startedAt: 90 },
    ],
    [
      { ...BASE, state: "retrying", dueAt: 95 },
      { state: "retrying", dueAt: 95 },
    ],
    [{ ...BASE, state: "queued", since: 50 }, { state: "queued" }],
    [
      { ...BASE, state: "succeeded", fence: 4, enqueuedAt: 5, startedAt: 60, result: new Uint8Array([1]) },
      { state: "succeeded", enqueuedAt: 5, startedAt: 60, finishedAt: 90 },
    ],
    [
      { ...BASE, state: "failed", fence: 4, enqueuedAt: 5, startedAt: 60, deadLetter: "exhausted" },
      { state: "failed", enqueuedAt: 5, startedAt: 60, finishedAt: 90 },
    ],
    [
      { ...BASE, state: "expired", fence: 0, enqueuedAt: 5, reason: "too late" },
      { state: "expired", enqueuedAt: 5, finishedAt: 90, reason: "too late" },
    ],
  ])("all that it says: %o", (record, expected) => {
    expect(ofRecord(record)).toStrictEqual({ ...KNOWN, ...expected });
  });

  test("nothing that whoever cancelled the run did not know", () => {
    const unknown = { ...BASE, task: "", queue: "", worker: "", attempt: 0, starts: 0, errors: [] };
    expect(ofRecord({ ...unknown, state: "cancelled", fence: 0, enqueuedAt: 0 })).toStrictEqual({
      runId: "run-1",
      state: "cancelled",
      attempt: 0,
      starts: 0,
      finishedAt: 90,
      errors: [],
    });
  });

  test("nothing at all when it has expired or cannot be read", () => {
    expect(ofRecord(undefined)).toStrictEqual({ runId: "run-1", state: "unknown", errors: [] });
  });
});

describe("the message of a run tells", () => {
  const place = { queue: "q", task: "t", runId: "run-1" };

  test("that it is queued", () => {
    expect(ofMessage(META, { kind: "ready", priority: "low", ...place })).toStrictEqual({
      runId: "run-1",
      state: "queued",
      queue: "q",
      task: "t",
      enqueuedAt: 5,
      attempt: 1,
      errors: [],
    });
  });

  test("that it is scheduled, and when it is due", () => {
    expect(ofMessage({ ...META, dueAt: 99 }, { kind: "delayed", ...place })).toMatchObject({
      state: "scheduled",
      dueAt: 99,
    });
  });

  test("that it is to be tried again", () => {
    expect(ofMessage({ ...META, attempt: 3 }, { kind: "retrying", ...place })).toMatchObject({
      state: "retrying",
      attempt: 3,
    });
  });

  test("that it waits, although a stranger published it", () => {
    expect(ofMessage("")).toStrictEqual({ runId: "run-1", state: "queued", errors: [] });
  });
});
