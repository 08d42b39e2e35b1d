import { decode, encode, isRunId, type OutcomeRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { failureNotice, failureRunId, fitNotice, MAX_NOTICE_INPUT_BYTES } from "./failure-notice.ts";

const ERROR = { name: "Error", message: "boom", stack: "s".repeat(2_000) };
const OUTCOME: OutcomeRecord = {
  state: "failed",
  task: "mail.send",
  queue: "mail",
  worker: "w",
  attempt: 3,
  starts: 4,
  at: 99,
  errors: [1, 2, 3].map((attempt) => ({ attempt, at: 90 + attempt, error: ERROR })),
  fence: 12,
  enqueuedAt: 7,
  deadLetter: "exhausted",
  reason: "too late",
  onFailure: { task: "mail.sorry", queue: "mail" },
};
const HEADER = "1;mail.send;7;o;p=parent;r=root;g=a,b";

function delivery(
  body: Uint8Array,
  header: string | undefined = HEADER,
): Parameters<typeof failureNotice>[1] {
  return { body, header: (name) => (name === "Umbel" ? header : undefined) };
}

describe("a failure notice", () => {
  test("says which run has failed, why, and with what", () => {
    expect(failureNotice("run-1", delivery(encode({ to: "a" })), OUTCOME)).toStrictEqual({
      runId: "run-1",
      task: "mail.send",
      queue: "mail",
      state: "failed",
      reason: "exhausted",
      detail: "too late",
      error: ERROR,
      errors: OUTCOME.errors,
      attempts: 3,
      starts: 4,
      failedAt: 99,
      enqueuedAt: 7,
      input: { to: "a" },
      tags: ["a", "b"],
      rootRunId: "root",
    });
  });

  test("of a run that expired before it failed has no error, and of a first run names itself as the root", () => {
    const { deadLetter: _, reason: _reason, ...rest } = OUTCOME;
    const notice = failureNotice("run-1", delivery(encode(1), "1;mail.send;7;o"), {
      ...rest,
      state: "expired",
      errors: [],
    });
    expect(notice).toMatchObject({
      state: "expired",
      reason: "expired",
      errors: [],
      tags: [],
      rootRunId: "run-1",
    });
    expect(notice).not.toHaveProperty("error");
    expect(notice).not.toHaveProperty("detail");
  });

  test.each([
    ["cannot be read", new Uint8Array([0xc1])],
    ["is too large", encode("x".repeat(MAX_NOTICE_INPUT_BYTES))],
  ])("leaves out an input that %s", (_, body) => {
    expect(failureNotice("run-1", delivery(body), OUTCOME)).not.toHaveProperty("input");
  });

  test("is made without a header that can be read, too", () => {
    expect(failureNotice("run-1", delivery(encode(1), ";"), OUTCOME)).toMatchObject({ rootRunId: "run-1" });
  });
});

describe("a notice fits", () => {
  const notice = failureNotice("run-1", delivery(encode("x".repeat(5_000))), OUTCOME);
  const fitted = (limit: number): unknown => decode(fitNotice(notice, limit));

  test("with all that it says when there is room", () => {
    expect(fitted(1_000_000)).toEqual(notice);
  });

  test("without the stacks of its history, then without its input, then without its history", () => {
    expect(fitted(10_000)).toMatchObject({ input: notice.input, error: ERROR, errors: [{}, {}, {}] });
    expect(fitted(3_000)).not.toHaveProperty("input");
    expect(fitted(3_000)).toMatchObject({ error: ERROR, errors: [{ attempt: 1 }, {}, {}] });
    expect(fitted(10)).toMatchObject({ runId: "run-1", reason: "exhausted", errors: [] });
  });

  test("without an input that nests as deep as values may", () => {
    let deep: unknown = [];
    for (let depth = 1; depth < 100; depth++) deep = [deep];
    const bytes = fitNotice(failureNotice("run-1", delivery(encode(deep)), OUTCOME), 1_000_000);
    expect(decode(bytes)).toMatchObject({ runId: "run-1", errors: [{}, {}, {}] });
    expect(decode(bytes)).not.toHaveProperty("input");
  });
});

describe("the id of the run that hears of a failure", () => {
  test("is the same for everyone who finds the outcome", () => {
    expect(failureRunId("run-1", OUTCOME)).toBe(failureRunId("run-1", { ...OUTCOME }));
    expect(failureRunId("run-1", OUTCOME)).toSatisfy(isRunId);
  });

  test.each([
    ["another run", "run-2", OUTCOME],
    ["another failure under the same id", "run-1", { ...OUTCOME, at: 100 }],
    ["another task", "run-1", { ...OUTCOME, onFailure: { task: "other", queue: "mail" } }],
  ])("is another one for %s", (_, runId, outcome) => {
    expect(failureRunId(runId, outcome)).not.toBe(failureRunId("run-1", OUTCOME));
  });
});
