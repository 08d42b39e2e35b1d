import {
  defineTask,
  fixed,
  IGNORED_RESULT_TTL_MS,
  type FailureNotice,
  type RunMeta,
  type TaskOptions,
} from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import {
  failureTaskOf,
  ignoresResult,
  outcomeTtlMs,
  firstDueAt,
  retryPolicyOf,
  type PolicyRun,
} from "./run-policy.ts";

const META: RunMeta = { task: "t", enqueuedAt: 1, origin: "o", attempt: 1, verify: false };
const sorry = defineTask<FailureNotice>({ name: "sorry", queue: "mail" });

function runOf(options: Omit<TaskOptions, "name">, meta: Partial<RunMeta> = {}): PolicyRun {
  return { meta: { ...META, ...meta }, handler: { task: defineTask({ name: "t", ...options }) } };
}

describe("how a run is retried", () => {
  const { retry } = defineTask({
    name: "t",
    retry: { maxAttempts: 4, backoff: () => 5, maxElapsed: "1m", discardOn: ["A"] },
  });

  test("is its task's own policy when its enqueue says nothing", () => {
    expect(retryPolicyOf(retry, META)).toBe(retry);
  });

  test("is what its enqueue says, and else what its task says", () => {
    expect(retryPolicyOf(retry, { ...META, maxAttempts: 9 })).toStrictEqual({ ...retry, maxAttempts: 9 });
    expect(retryPolicyOf(retry, { ...META, maxElapsedMs: 9 })).toStrictEqual({ ...retry, maxElapsedMs: 9 });
  });

  test("is by the backoff of its enqueue rather than by its task's function", () => {
    const policy = retryPolicyOf(retry, { ...META, backoff: fixed(9) });
    expect(policy).toMatchObject({ backoff: fixed(9), maxAttempts: 4, discardOn: ["A"] });
    expect(policy).not.toHaveProperty("ownBackoff");
  });
});

test.each<[boolean, string, PolicyRun]>([
  [false, "by default", runOf({})],
  [true, "as its task says", runOf({ ignoreResult: true })],
  [true, "as its enqueue says", runOf({}, { ignoreResult: true })],
  [
    false,
    "as its enqueue says otherwise than its task",
    runOf({ ignoreResult: true }, { ignoreResult: false }),
  ],
  [false, "while no handler is known", { meta: META }],
])("a result is ignored: %s, %s", (ignored, _, run) => {
  expect(ignoresResult(run)).toBe(ignored);
});

test.each<[string, PolicyRun, unknown]>([
  ["nobody by default", runOf({}), undefined],
  ["whom the worker's own definition names", runOf({ onFailure: sorry }), { task: "sorry", queue: "mail" }],
  [
    "whom the enqueue names, rather",
    runOf({ onFailure: sorry }, { onFailure: { task: "a", queue: "b" } }),
    { task: "a", queue: "b" },
  ],
  [
    "whom the enqueue names, where the task is not known",
    { meta: { ...META, onFailure: { task: "a", queue: "b" } } },
    { task: "a", queue: "b" },
  ],
  ["nobody when the enqueue says so", runOf({ onFailure: sorry }, { onFailure: null }), undefined],
])("a failure is told to %s", (_, run, expected) => {
  expect(failureTaskOf(run)).toEqual(expected);
});

describe("an outcome is kept", () => {
  const DAY = 86_400_000;
  const PLAIN = { ackWaitMs: 30_000 };
  const IGNORED = { ignoreResult: true };
  test.each<[string, Parameters<typeof outcomeTtlMs>, number | undefined]>([
    ["for the default time", [runOf({}), true, PLAIN], undefined],
    ["as its task says", [runOf({ resultTtl: "2d" }), true, PLAIN], 2 * DAY],
    ["as its enqueue says", [runOf({ resultTtl: "2d" }, { resultTtlMs: DAY }), true, PLAIN], DAY],
    ["shortly when its result is ignored", [runOf(IGNORED), true, PLAIN], IGNORED_RESULT_TTL_MS],
    [
      "as asked, though its result is ignored",
      [runOf({ ...IGNORED, resultTtl: "2d" }), true, PLAIN],
      2 * DAY,
    ],
    ["for the default time when it is a failure", [runOf(IGNORED), false, PLAIN], undefined],
  ])("%s", (_, given, expected) => {
    expect(outcomeTtlMs(...given)).toBe(expected);
  });

  test("for ten ack-waits at least when its result is ignored", () => {
    expect(outcomeTtlMs(runOf({ ignoreResult: true }), true, { ackWaitMs: 3_600_000 })).toBe(36_000_000);
  });
});

test("the longest time of a run counts from when it was due at first, whatever its retries are due at", () => {
  const meta = { task: "t", enqueuedAt: 5, origin: "o", attempt: 1, verify: false };
  expect(firstDueAt(meta)).toBe(5);
  expect(firstDueAt({ ...meta, dueAt: 9 })).toBe(9);
  expect(firstDueAt({ ...meta, attempt: 2, dueAt: 90, firstDueAt: 9 })).toBe(9);
  expect(firstDueAt({ ...meta, attempt: 2, dueAt: 90 })).toBe(5);
});
