import { UmbelError, type AttemptError, type OutcomeRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { ResultTimeout, TaskCancelled, TaskExpired, TaskFailed } from "./run-errors.ts";

const FIRST: AttemptError = { attempt: 1, at: 5, error: { name: "TypeError", message: "first" } };
const LAST: AttemptError = { attempt: 2, at: 9, error: { name: "Error", message: "boom" } };
const OUTCOME: OutcomeRecord = {
  state: "failed",
  task: "mail.send",
  queue: "mail",
  worker: "w",
  attempt: 2,
  starts: 2,
  at: 10,
  errors: [FIRST, LAST],
  fence: 0,
  enqueuedAt: 1,
};

describe("the error of a run that failed", () => {
  test("says after how many attempts, why it was given up, and its last error", () => {
    const error = new TaskFailed("run-1", { ...OUTCOME, deadLetter: "exhausted" });
    expect(error).toMatchObject({
      name: "TaskFailed",
      code: "run_failed",
      message: "run run-1 of mail.send failed after 2 attempts (exhausted): Error: boom",
      runId: "run-1",
      error: LAST.error,
      errors: [FIRST, LAST],
      details: { runId: "run-1", task: "mail.send", attempts: 2, reason: "exhausted" },
    });
  });

  test("says what it can when nothing else is known", () => {
    const error = new TaskFailed("run-1", { ...OUTCOME, attempt: 1, errors: [] });
    expect(error.message).toBe("run run-1 of mail.send failed after 1 attempt (failed)");
    expect(error.error).toBeUndefined();
  });
});

describe("the error of a run that was cancelled", () => {
  test("says why, if anybody said", () => {
    const error = new TaskCancelled("run-1", { ...OUTCOME, state: "cancelled", reason: "not wanted" });
    expect(error).toMatchObject({
      name: "TaskCancelled",
      code: "run_cancelled",
      message: "run run-1 of mail.send was cancelled: not wanted",
      runId: "run-1",
      details: { runId: "run-1", task: "mail.send", reason: "not wanted" },
    });
    expect(new TaskCancelled("run-1", OUTCOME).message).toBe("run run-1 of mail.send was cancelled");
  });
});

describe("the error of a run that expired", () => {
  test("says that it never started", () => {
    const expired: OutcomeRecord = { ...OUTCOME, state: "expired", attempt: 0, errors: [] };
    expect(new TaskExpired("run-1", expired)).toMatchObject({
      name: "TaskExpired",
      code: "run_expired",
      message: "run run-1 of mail.send expired before it started",
      runId: "run-1",
      errors: [],
    });
  });

  test("says how its last attempt failed when it expired before the next", () => {
    const reason = "its next attempt would come too late";
    expect(new TaskExpired("run-1", { ...OUTCOME, state: "expired", reason })).toMatchObject({
      message: "run run-1 of mail.send expired after 2 attempts: Error: boom",
      errors: [FIRST, LAST],
      details: { attempts: 2, reason },
    });
  });
});

test("the error of a result that did not come in time says that the run goes on", () => {
  expect(new ResultTimeout("run-1", 250)).toMatchObject({
    name: "ResultTimeout",
    code: "result_timeout",
    message: expect.stringMatching(/run-1 within 250 ms; the run goes on/),
    runId: "run-1",
    details: { runId: "run-1", timeoutMs: 250 },
  });
});

test("every error of a run is an UmbelError, and says whether the same call may succeed later", () => {
  const errors = [
    new TaskFailed("run-1", OUTCOME),
    new TaskCancelled("run-1", OUTCOME),
    new TaskExpired("run-1", OUTCOME),
    new ResultTimeout("run-1", 250),
  ];
  expect(errors.map((error) => UmbelError.is(error))).toEqual([true, true, true, true]);
  expect(errors.map(({ retryable }) => retryable)).toEqual([false, false, false, true]);
});
