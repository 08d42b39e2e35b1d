import type { OutcomeRecord, RunRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import type { RunInfo } from "../run-info.ts";
import { endedInfo } from "./ended-runs.ts";
import { belongs, openInfo } from "./open-runs.ts";
import { resolveQuery } from "./run-query.ts";

const BASE = { task: "t", queue: "q", worker: "w", attempt: 1, starts: 1, at: 9, errors: [] };
const OUTCOME: OutcomeRecord = { ...BASE, state: "failed", fence: 0, enqueuedAt: 5, tags: ["a"] };
const QUEUED: RunInfo = {
  runId: "r",
  state: "queued",
  task: "t",
  queue: "q",
  enqueuedAt: 5,
  attempt: 1,
  errors: [],
};
const stored = (record: RunRecord | undefined, tombstone = false): Parameters<typeof openInfo>[1] => ({
  record,
  tombstone,
});

describe("a run whose message is there", () => {
  test("is what its message says when it has no record", () => {
    expect(openInfo(QUEUED, undefined, false)).toEqual(QUEUED);
    expect(openInfo(QUEUED, stored(undefined), false)).toEqual(QUEUED);
  });

  test("runs when a worker was given it, unless it is not due", () => {
    expect(openInfo(QUEUED, undefined, true)?.state).toBe("running");
    expect(openInfo({ ...QUEUED, state: "scheduled" }, undefined, true)?.state).toBe("scheduled");
  });

  test("is what its record says, if it has one", () => {
    const claim: RunRecord = { ...BASE, state: "running", lostStarts: 0 };
    expect(openInfo(QUEUED, stored(claim), false)).toMatchObject({
      state: "running",
      startedAt: 9,
      enqueuedAt: 5,
    });
    const retrying: RunRecord = { ...BASE, state: "retrying", dueAt: 99 };
    expect(openInfo(QUEUED, stored(retrying), true)).toMatchObject({ state: "retrying", dueAt: 99 });
  });

  test("has ended when its record says so, or has expired", () => {
    expect(openInfo(QUEUED, stored(OUTCOME), true)).toBeUndefined();
    expect(openInfo(QUEUED, stored(undefined, true), true)).toBeUndefined();
  });
});

describe("a run belongs to a listing", () => {
  test.each([
    [{}, true],
    [{ queue: "q", task: "t", tag: "a" }, true],
    [{ queue: "other" }, false],
    [{ task: "other" }, false],
    [{ tag: "b" }, false],
    [{ since: new Date(9), until: new Date(10) }, true],
    [{ since: new Date(10) }, false],
    [{ until: new Date(9) }, false],
    [{ state: "failed" }, true],
    [{ state: "succeeded" }, false],
  ] as const)("of %j: %j", (query, expected) => {
    const info = endedInfo({ runId: "r", record: OUTCOME }, resolveQuery(query, 0));
    expect(info !== undefined).toBe(expected);
  });

  test("by when it was enqueued, when it has not ended", () => {
    expect(belongs(QUEUED, resolveQuery({ since: new Date(5), until: new Date(6) }, 0))).toBe(true);
    expect(belongs(QUEUED, resolveQuery({ since: new Date(6) }, 0))).toBe(false);
    expect(
      belongs({ runId: "r", state: "queued", errors: [] }, resolveQuery({ since: new Date(0) }, 0)),
    ).toBe(false);
  });

  test("of outcomes only when it has one", () => {
    const claim: RunRecord = { ...BASE, state: "running", lostStarts: 0 };
    expect(endedInfo({ runId: "r", record: claim }, resolveQuery({}, 0))).toBeUndefined();
    expect(endedInfo({ runId: "r", record: undefined }, resolveQuery({}, 0))).toBeUndefined();
  });
});
