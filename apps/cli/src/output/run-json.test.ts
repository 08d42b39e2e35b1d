import { expect, test } from "vitest";
import { reportInfo, reportOutcome } from "../run-report.ts";
import { runJson } from "./run-json.ts";
import { encode } from "@umbel/protocol";

const OUTCOME = {
  state: "succeeded",
  task: "math.add",
  queue: "default",
  worker: "w1",
  attempt: 1,
  starts: 1,
  at: 2_000,
  errors: [],
  fence: 7,
  enqueuedAt: 1_000,
  startedAt: 1_500,
} as const;

test("an outcome has its times in ISO 8601 and its result, and nothing internal", () => {
  expect(runJson(reportOutcome("r1", { ...OUTCOME, result: encode(3n) }))).toEqual({
    runId: "r1",
    state: "succeeded",
    task: "math.add",
    queue: "default",
    attempt: 1,
    starts: 1,
    worker: "w1",
    enqueuedAt: "1970-01-01T00:00:01.000Z",
    startedAt: "1970-01-01T00:00:01.500Z",
    finishedAt: "1970-01-01T00:00:02.000Z",
    errors: [],
    result: 3n,
  });
});

test("a handler that returned nothing has the result null", () => {
  expect(runJson(reportOutcome("r1", OUTCOME))).toMatchObject({ result: null });
});

test("what a cancel did not know is absent", () => {
  const cancelled = {
    ...OUTCOME,
    state: "cancelled",
    worker: "",
    task: "",
    queue: "",
    enqueuedAt: 0,
  } as const;
  const json = runJson(reportOutcome("r1", { ...cancelled, reason: "no need" }));
  expect(json).toMatchObject({ state: "cancelled", reason: "no need" });
  for (const field of ["task", "queue", "worker", "enqueuedAt", "result"])
    expect(json).not.toHaveProperty(field);
});

test("a run that waits says until when", () => {
  const info = { runId: "r1", state: "scheduled", dueAt: 0, errors: [] } as const;
  expect(runJson(reportInfo(info))).toEqual({
    runId: "r1",
    state: "scheduled",
    dueAt: "1970-01-01T00:00:00.000Z",
    errors: [],
  });
});
