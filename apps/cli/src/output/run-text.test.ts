import { expect, test } from "vitest";
import type { RunReport } from "../run-report.ts";
import { createPaint } from "./colour.ts";
import { runText } from "./run-text.ts";
import { formatMoment } from "./time.ts";

const paint = createPaint(false);
const AT = Date.UTC(2027, 0, 1);
const at = (ms: number): string => formatMoment(AT + ms);
const text = (run: Partial<RunReport>): string =>
  runText({ runId: "r1", state: "queued", errors: [], ...run }, { paint, now: AT + 10_000 });

test("a run that succeeded shows its times and its result", () => {
  const run = {
    state: "succeeded",
    task: "math.add",
    queue: "default",
    attempt: 1,
    starts: 1,
    enqueuedAt: AT,
    startedAt: AT + 5,
    finishedAt: AT + 12,
    worker: "w1",
    result: { value: 3n },
  } as const;
  expect(text(run)).toBe(
    [
      "run       r1",
      "state     succeeded",
      "task      math.add",
      "queue     default",
      "attempt   1",
      `enqueued  ${at(0)}  (10 s ago)`,
      `started   ${at(5)}  (waited 5 ms)`,
      `finished  ${at(12)}  (took 7 ms)`,
      "worker    w1",
      'result    {"$bigint":"3"}',
    ].join("\n"),
  );
});

test("a run that failed shows every error, with causes, and nothing that commands the terminal", () => {
  const error = {
    name: "RangeError",
    message: "no \u001B[31m",
    cause: { name: "Error", message: "why", code: "E" },
  };
  const run = { state: "failed", deadLetter: "exhausted", attempt: 2, starts: 3 } as const;
  const shown = text({ ...run, errors: [{ attempt: 1, at: AT, error }] });
  expect(shown).toContain("state    failed (exhausted, in the dead letters)\nattempt  2 (started 3 times)");
  expect(shown).toContain(
    `attempt  failed at                error\n1        ${at(0)}  RangeError: no \\x1b[31m\n`,
  );
  expect(shown).toMatch(/\n {34}caused by Error \(E\): why$/);
});

test("a run that is not due says when it is", () => {
  expect(text({ state: "scheduled", dueAt: AT + 70_000 })).toContain(`due    ${at(70_000)}  (in 1 min 0 s)`);
});
