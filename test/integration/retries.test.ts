import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { findRunMessage } from "@umbel/broker";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { again, fail, flaky, patient, slowRetry } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const worker = { modules: [LOOP], ackWait: "1s" } as const;

describe("a run that fails", () => {
  test("is tried again: attempts and deliveries are counted apart, and both are seen", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(flaky, { journal: journal.path, failures: 2 });
    expect(await run.result(PATIENT)).toBe(3);
    expect(journal.starts(run.id)).toMatchObject([
      { attempt: 1, delivery: 1, start: 1, fence: 0 },
      { attempt: 2, delivery: 2, start: 2 },
      { attempt: 3, delivery: 3, start: 3 },
    ]);
    expect(await run.info()).toMatchObject({
      state: "succeeded",
      attempt: 3,
      starts: 3,
      errors: [{ attempt: 1 }, { attempt: 2 }],
    });
    expect(await mesh.deadLetters()).toEqual([]);
  });

  test("waits with full jitter by default: delays from nothing to the backoff, not all the same", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const inputs = Array.from({ length: 20 }, () => ({ journal: journal.path, failures: 1 }));
    const runs = await mesh.client.enqueueMany(patient, inputs);
    await Promise.all(runs.map((run) => run.result(PATIENT)));
    const delays = mesh.log.of("run.retrying").map(({ delayMs }) => Number(delayMs));
    expect(delays).toHaveLength(20);
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(1_000);
    }
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  test("is not tried again more often than its enqueue allows", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(fail, { journal: journal.path }, { retry: { maxAttempts: 1 } });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ details: { attempts: 1 } });
    const more = await mesh.client.enqueue(fail, { journal: journal.path }, { retry: { maxAttempts: 5 } });
    expect(await rejection(more.result(PATIENT))).toMatchObject({ details: { attempts: 5 } });
    expect(journal.starts(run.id)).toHaveLength(1);
    expect(journal.starts(more.id)).toHaveLength(5);
  });

  test("expires instead of being tried again when the next attempt would come too late", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(
      slowRetry,
      { journal: journal.path, failures: 1 },
      { expires: "1m" },
    );
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_expired" });
    expect(await run.info()).toMatchObject({ state: "expired", errors: [{ attempt: 1 }] });
    expect(journal.starts(run.id)).toHaveLength(1);
  });

  test("goes on counting when its worker is replaced between two attempts", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const first = await mesh.spawnWorker(worker);
    const run = await mesh.client.enqueue(again, { journal: journal.path, delay: 1_500 });
    await mesh.waitForState(run.id, "retrying");
    first.kill("SIGKILL");
    await mesh.startWorker(worker);
    expect(await run.result(PATIENT)).toBe(2);
    expect(journal.starts(run.id).map(({ attempt }) => attempt)).toEqual([1, 2]);
  });
});

describe("a handler that asks for a retry", () => {
  test("gets it after the delay that it asked for, and not before", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(again, { journal: journal.path, delay: 1_200 });
    expect(await mesh.waitForState(run.id, "retrying")).toMatchObject({ attempt: 1, starts: 1 });
    expect(await run.result(PATIENT)).toBe(2);
    const [first, second] = journal.starts(run.id);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_200);
    expect(mesh.log.of("run.retrying")).toMatchObject([{ delayMs: 1_200, reason: "not ready" }]);
  });

  test("of more than a minute leaves the run to the broker's schedule, where it can be cancelled", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(
      again,
      { journal: journal.path, delay: 61_000 },
      { headers: { "X-Own": "kept" } },
    );
    const scheduled = await mesh.eventually("it is in the schedule", async () => {
      const message = await findRunMessage(connection, run.id);
      return message?.address?.kind === "retrying" && message;
    });
    expect(scheduled.subject).toBe(`${mesh.name}.S.default.r.test~again.${run.id}`);
    expect(scheduled.runHeader).toContain(";a=2;v=1");
    await mesh.eventually("nothing waits but the schedule", async () => (await openRuns(connection)) === 1);
    const info = await run.info();
    expect(info).toMatchObject({ state: "retrying", attempt: 1 });
    expect((info.dueAt ?? 0) - Date.now()).toBeGreaterThan(50_000);

    expect(await run.cancel()).toEqual({ cancelled: true });
    expect(await openRuns(connection)).toBe(0);
    expect(await run.state()).toBe("cancelled");
    expect(journal.starts(run.id)).toHaveLength(1);
  });
});
