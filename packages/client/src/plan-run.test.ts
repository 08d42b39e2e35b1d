import { DEFAULT_QUEUE, fixed, type RunMeta } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { resolveEnqueueOptions, type EnqueueOptions } from "./enqueue-options.ts";
import { defaultsByName, planRun, type EnqueueFacts, type TaskDefaults } from "./plan-run.ts";
import type { RunPlan } from "./run-plan.ts";

const NOW = 1_000_000;
const TASK: TaskDefaults = { name: "media.thumbnail", queue: "media", priority: "low", expiresMs: undefined };
const FACTS: EnqueueFacts = { mesh: "umbel", now: NOW, origin: "o", trace: {}, lineage: undefined };

function plan(options: EnqueueOptions = {}, task = TASK, facts = FACTS): RunPlan {
  return planRun(task, resolveEnqueueOptions(options, NOW), facts);
}

const meta = (...how: Parameters<typeof plan>): RunMeta => plan(...how).meta;

describe("where a run waits", () => {
  test("is what its task says, unless the call says otherwise", () => {
    expect(plan().subject("id")).toBe("umbel.T.media.l.media~thumbnail.id");
    expect(plan({ queue: "other" }).subject("id")).toBe("umbel.T.other.l.media~thumbnail.id");
    expect(plan({ priority: "high" }).subject("id")).toBe("umbel.T.media.h.media~thumbnail.id");
  });

  test("of a task that is known by its name alone is the default queue", () => {
    expect(plan({}, defaultsByName("mail.send")).subject("id")).toBe(
      `umbel.T.${DEFAULT_QUEUE}.n.mail~send.id`,
    );
    expect(meta({}, defaultsByName("mail.send")).task).toBe("mail.send");
  });
});

describe("what a run says of itself", () => {
  test("is who enqueued it and when, and nothing that its task decides", () => {
    expect(meta()).toStrictEqual({
      task: "media.thumbnail",
      enqueuedAt: NOW,
      origin: "o",
      attempt: 1,
      verify: false,
    });
  });

  test("is that its record must be read when its id was chosen", () => {
    expect(meta({ runId: "order-4711" }).verify).toBe(true);
  });

  test("is what the call says otherwise than its task", () => {
    const retry = { maxAttempts: 7, backoff: fixed("2s"), maxElapsed: "1m" } as const;
    const options = { retry, timeout: "5s", resultTtl: "1h", ignoreResult: false, delay: 250 } as const;
    expect(meta(options)).toMatchObject({
      maxAttempts: 7,
      backoff: fixed("2s"),
      maxElapsedMs: 60_000,
      ignoreResult: false,
      timeoutMs: 5_000,
      resultTtlMs: 3_600_000,
      dueAt: NOW + 250,
    });
  });

  test.each([{ task: "mail.sorry", queue: "mail" }, null])(
    "is what hears of its failure: %j",
    (onFailure) => {
      expect(meta({}, { ...TASK, onFailure }).onFailure).toEqual(onFailure);
    },
  );

  test("is whose child it is", () => {
    const lineage = { parentRunId: "p", rootRunId: "r" };
    expect(meta({}, TASK, { ...FACTS, lineage })).toMatchObject(lineage);
  });
});

describe("a run expires", () => {
  const hour: TaskDefaults = { ...TASK, expiresMs: 3_600_000 };

  test("never, unless its task or the call says so", () => {
    expect(meta()).not.toHaveProperty("expiresAt");
  });

  test("that long after it was enqueued", () => {
    expect(meta({}, hour).expiresAt).toBe(NOW + 3_600_000);
    expect(meta({ expires: "1s" }, hour).expiresAt).toBe(NOW + 1_000);
  });

  test("that long after it is due when it is delayed", () => {
    expect(meta({ expires: "1s", delay: "1m" }).expiresAt).toBe(NOW + 61_000);
    expect(meta({ at: new Date(5_000_000) }, hour).expiresAt).toBe(8_600_000);
  });

  test("at a moment, however long it is delayed", () => {
    expect(meta({ expires: new Date(NOW + 90_000), delay: "1m" }, hour).expiresAt).toBe(NOW + 90_000);
  });
});

describe("the deadline of a run", () => {
  const hour: TaskDefaults = { ...TASK, deadlineMs: 3_600_000 };

  test("is none, unless its task or the call says so", () => {
    expect(meta()).not.toHaveProperty("deadlineAt");
    expect(meta({}, hour).deadlineAt).toBe(NOW + 3_600_000);
    expect(meta({ deadline: new Date(NOW + 7) }, hour).deadlineAt).toBe(NOW + 7);
  });

  test("is counted from when the run is due", () => {
    expect(meta({ delay: "1m" }, hour).deadlineAt).toBe(NOW + 3_660_000);
  });
});

test("the trace and the caller's headers travel with the run", () => {
  const traced = plan({ headers: { tenant: "a" } }, TASK, { ...FACTS, trace: { traceparent: "t" } });
  const headers = new Map(traced.batchHeaders("id"));
  expect(headers.get("traceparent")).toBe("t");
  expect(headers.get("tenant")).toBe("a");
});

describe("a run under a lock", () => {
  const hold = { lock: "k", forMs: 0, maxMs: undefined } as const;

  test("names it, and has its record looked at, because its id is in the lock", () => {
    const facts: EnqueueFacts = { ...FACTS, hold: { ...hold, until: "started" } };
    expect(meta({}, TASK, facts)).toMatchObject({ lock: "k", verify: true });
  });

  test("for a time does not name it: it is not the run's to release", () => {
    const planned = meta({}, TASK, { ...FACTS, hold: { ...hold, until: "time" } });
    expect(planned.verify).toBe(true);
    expect(planned).not.toHaveProperty("lock");
  });
});
