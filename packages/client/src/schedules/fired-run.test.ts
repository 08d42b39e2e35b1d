import { jitterOf, type Firing, type ScheduleDefinition } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { firedRun } from "./fired-run.ts";

const NOW = Date.parse("2026-11-24T22:00:00Z");
const onTime: Firing = { runId: "night-20261124T220000Z", kind: "on-time", fireAt: NOW, at: NOW };

function definition(changes: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return {
    rule: { kind: "every", everyMs: 1_000 },
    run: { task: "mail.night", queue: "mail", priority: "high", input: new Uint8Array([1]) },
    catchUp: "latest",
    catchUpLimit: 100,
    overlap: "allow",
    ...changes,
  };
}

describe("the run of a firing", () => {
  test("is due at its time by the server's clock, whatever the clock here says", () => {
    const { options } = firedRun("night", definition(), { firing: onTime, now: NOW + 5_000 });
    expect(options).toEqual({
      runId: "night-20261124T220000Z",
      at: new Date(NOW),
      headers: { "schedule-id": "night", "schedule-time": "2026-11-24T22:00:00.000Z" },
      tags: ["schedule:night"],
    });
  });

  test("that comes late is due at once, and expires by its time", () => {
    const firing: Firing = { ...onTime, kind: "caught-up" };
    const { options } = firedRun("night", definition({ expiresMs: 60_000 }), { firing, now: NOW + 30_000 });
    expect(options).toMatchObject({ expires: new Date(NOW + 60_000) });
    expect(options).not.toHaveProperty("at");
  });

  test("is spread by its jitter, one by hand is not", () => {
    const jitterMs = 10_000;
    const spread = firedRun("night", definition({ jitterMs }), { firing: onTime, now: NOW });
    expect(spread.options).toMatchObject({ at: new Date(NOW + jitterOf(onTime.runId, jitterMs)) });
    const byHand = firedRun("night", definition({ jitterMs }), {
      firing: { ...onTime, kind: "by-hand" },
      now: NOW,
    });
    expect(byHand.options).not.toHaveProperty("at");
  });

  test("waits for the one before it by a key", () => {
    const queued = definition({ overlap: "queue" });
    expect(firedRun("night", queued, { firing: onTime, now: NOW }).options).toMatchObject({
      key: "schedule:night",
    });
    const keyed = { ...queued, run: { ...queued.run, key: "own" } };
    expect(firedRun("night", keyed, { firing: onTime, now: NOW }).options).toMatchObject({ key: "own" });
  });

  test("is of its task as its producer knew it, with what the schedule says of its runs", () => {
    const run = {
      ...definition().run,
      taskExpiresMs: 1,
      taskDeadlineMs: 2,
      onFailure: { task: "mail.failed", queue: "mail" },
      onRetry: "allow-reorder",
      retry: { maxAttempts: 5, maxElapsedMs: 6 },
      timeoutMs: 3,
      deadlineMs: 4,
      resultTtlMs: 5_000,
      ignoreResult: true,
      headers: { tenant: "acme", "schedule-id": "another" },
      tags: ["a"],
    } as const;
    const made = firedRun("night", definition({ run }), { firing: onTime, now: NOW });
    expect(made.task).toEqual({
      name: "mail.night",
      queue: "mail",
      priority: "high",
      expiresMs: 1,
      deadlineMs: 2,
      onFailure: { task: "mail.failed", queue: "mail" },
      onRetry: "allow-reorder",
    });
    expect(made.options).toMatchObject({
      retry: { maxAttempts: 5, maxElapsed: 6 },
      timeout: 3,
      deadline: 4,
      resultTtl: 5_000,
      ignoreResult: true,
      headers: { tenant: "acme", "schedule-id": "night" },
      tags: ["schedule:night", "a"],
    });
  });
});
