import { provisionStreams } from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import { createMesh } from "@umbel/client/internal";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { echo, gated, inspect, patient, quick, slowRetry, strict } from "../helpers/tasks.ts";

const shared = shareServer();

/** A client whose clock is `now`. */
async function meshWithClock(mesh: TestMesh, now: () => number): Promise<Mesh> {
  const connection = await connectTo(mesh);
  return createMesh(connection, await provisionStreams(connection), { now });
}

const PATIENT = { timeout: "60s" } as const;

describe("a delayed run", () => {
  test("that is promoted starts now, with its headers, its expiry moved with it", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { delay: "1h", expires: "5m", priority: "high", headers: { tenant: "a" } } as const;
    const run = await mesh.client.enqueue(inspect, { journal: journal.path }, options);
    await mesh.client.run(run.id).promote();
    await mesh.startWorker({ modules: [LOOP] });
    expect(await run.result(PATIENT)).toMatchObject({ headers: { tenant: "a" }, attempt: 1 });
    // Had its expiry stayed where it was, or not moved enough, this one would start after it.
    const expired = await mesh.client.enqueue(quick, 1, { delay: "1h", expires: "1ms" });
    await expired.promote();
    expect(await rejection(expired.result(PATIENT))).toMatchObject({ code: "run_expired" });
  });

  test("that is rescheduled starts then, and not before: sooner, later, or at a moment", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path, value: 1 };
    const sooner = await mesh.client.enqueue(echo, input, { delay: "1h" });
    const later = await mesh.client.enqueue(echo, input, { delay: "1h" });
    const beganAt = Date.now();
    await sooner.reschedule({ delay: "1s" });
    await later.reschedule({ delay: "2h" });
    expect((await later.info()).dueAt).toBeGreaterThanOrEqual(beganAt + 7_200_000);
    const at = new Date(Date.now() + 1_500);
    await later.reschedule({ at });
    expect(await later.info()).toMatchObject({ state: "scheduled", dueAt: at.getTime() });
    await Promise.all([sooner.result(PATIENT), later.result(PATIENT)]);
    expect((journal.starts(sooner.id)[0]?.at ?? 0) - beganAt).toBeGreaterThanOrEqual(1_000);
    expect(journal.starts(later.id)[0]?.at).toBeGreaterThanOrEqual(at.getTime());
    expect(journal.starts()).toHaveLength(2);
  });

  test("whose input is edited gets the new one, checked by the task", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const run = await mesh.client.enqueue(strict, { journal: journal.path, size: 1 }, { delay: "1h" });
    const wrong = run.editInput(strict, { journal: journal.path, size: -1 });
    expect(await rejection(wrong)).toMatchObject({ code: "schema_violation" });
    expect(await rejection(run.editInput(quick, 5))).toMatchObject({ code: "invalid_argument" });
    await run.editInput(strict, { journal: journal.path, size: 2 });
    await run.promote();
    expect(await run.result(PATIENT)).toEqual({ size: 2 });
    const byName = await mesh.client.enqueue(quick, 1, { delay: "1h" });
    await byName.editInput("test.quick", 9);
    await byName.promote();
    expect(await byName.result(PATIENT)).toBe(9);
  });

  test("keeps its change when the server is killed", async () => {
    await using mesh = await createTestMesh();
    const run = await mesh.client.enqueue(quick, 1, { delay: "1h" });
    await run.editInput(quick, 2);
    await run.reschedule({ delay: "2s" });
    await mesh.server.kill();
    await mesh.server.restart();
    await mesh.startWorker({ modules: [LOOP] });
    expect(await run.result(PATIENT)).toBe(2);
  });
});

describe("a run that waits long for its next attempt", () => {
  test("is promoted, and counts its attempts as before", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const run = await mesh.client.enqueue(slowRetry, { journal: journal.path, failures: 1 });
    await mesh.waitForState(run.id, "retrying");
    await run.promote();
    expect(await run.result(PATIENT)).toBe(2);
    expect(journal.starts()).toHaveLength(2);
  });

  test("is rescheduled, edited, and its state says so", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const input = { journal: journal.path, failures: 9 };
    const run = await mesh.client.enqueue(slowRetry, input, { expires: "1h" });
    await mesh.waitForState(run.id, "retrying");
    const tooLate = run.reschedule({ delay: "2h" });
    expect(await rejection(tooLate)).toMatchObject({ code: "invalid_argument" });
    await run.editInput(slowRetry, { ...input, failures: 1 });
    const at = new Date(Date.now() + 1_500);
    await run.reschedule({ at });
    expect(await run.info()).toMatchObject({ state: "retrying", dueAt: at.getTime(), attempt: 1 });
    expect(await run.result(PATIENT)).toBe(2);
    expect(journal.starts()[1]?.at).toBeGreaterThanOrEqual(at.getTime());
  });
});

describe("what is not scheduled cannot be changed, and the error says why", () => {
  test("queued, running, retrying soon, finished, unknown", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const queued = await mesh.client.enqueue(gated, { journal: journal.path });
    const refused = { code: "run_not_scheduled", details: { runId: queued.id, state: "queued" } };
    expect(await rejection(queued.reschedule({ delay: "1h" }))).toMatchObject(refused);
    expect(await rejection(queued.editInput(gated, { journal: journal.path }))).toMatchObject(refused);
    await queued.promote();
    await mesh.startWorker({ modules: [LOOP] });
    await mesh.eventually("it has started", () => journal.starts().length === 1);
    await queued.promote();
    expect(await rejection(queued.reschedule({ delay: "1h" }))).toMatchObject({ code: "run_not_scheduled" });
    await journal.open("all");
    await queued.result(PATIENT);
    for (const late of [
      () => queued.promote(),
      () => queued.reschedule({ delay: "1h" }),
      () => queued.editInput("test.gated", 1),
    ]) {
      expect(await rejection(late())).toMatchObject({
        code: "run_finished",
        details: { state: "succeeded" },
      });
    }
    const soon = await mesh.client.enqueue(patient, { journal: journal.path, failures: 1 });
    await mesh.waitForState(soon.id, ["retrying", "succeeded"]);
    expect((await rejection(soon.reschedule({ delay: "1h" }))).code).toMatch(/run_(not_scheduled|finished)/);
    const unknown = mesh.client.run("never-enqueued");
    expect(await rejection(unknown.promote())).toMatchObject({ code: "run_unknown" });
    expect(await rejection(unknown.reschedule({ at: new Date() }))).toMatchObject({ code: "run_unknown" });
    const nothing = unknown.reschedule({});
    expect(await rejection(nothing)).toMatchObject({ code: "invalid_argument" });
  });
});

describe("racing the moment at which a run is due", () => {
  test.each([
    ["behind", -5_000],
    ["ahead", 5_000],
  ])(
    "is decided by the broker's clock: a caller whose own is %s is told what really happens",
    async (_, skewMs) => {
      await using journal = await createJournal();
      await using mesh = await createTestMesh({ server: shared.url });
      await mesh.startWorker({ modules: [LOOP], concurrency: 200 });
      const now = (): number => Date.now() + skewMs;
      await using caller = await meshWithClock(mesh, now);
      const input = { journal: journal.path, value: "first" };
      // Many are due at one instant: the broker takes its time from the first to the last of them.
      const at = new Date(Date.now() + 8_000);
      await mesh.client.enqueueMany(
        quick,
        Array.from({ length: 3_000 }, (__, index) => index),
        { at },
      );
      const runs = await mesh.client.enqueueMany(
        echo,
        Array.from({ length: 60 }, () => input),
        { at },
      );
      const edits = runs.map(async (run, index) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        setTimeout(resolve, Math.max(1, at.getTime() - Date.now() - 150 + index * 10));
        await promise;
        const [edited] = await Promise.allSettled([
          caller.run(run.id).editInput(echo, { ...input, value: "second" }),
        ]);
        const result = await run.result(PATIENT);
        expect(`${edited?.status}: ${String(result)}`).toMatch(/fulfilled: second|rejected: first/);
      });
      await Promise.all(edits);
      expect(journal.starts()).toHaveLength(60);
    },
  );

  test("each of 100 runs is executed once, and with the input that was confirmed", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const rival = await mesh.connect();
    const one = async (index: number): Promise<void> => {
      const input = { journal: journal.path, value: "first" };
      const run = await mesh.client.enqueue(echo, input, { delay: 400 + 7 * index });
      // From well before its time to well after it.
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, 300 + ((index * 53) % 900));
      await promise;
      const [edited] = await Promise.allSettled([
        run.editInput(echo, { ...input, value: "second" }),
        index % 2 === 0 ? rival.run(run.id).promote() : rival.run(run.id).reschedule({ delay: "200ms" }),
      ]);
      const result = await run.result(PATIENT);
      expect(`${edited.status}: ${String(result)}`).toMatch(/fulfilled: second|rejected: first/);
    };
    await Promise.all(Array.from({ length: 100 }, (_, index) => one(index)));
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    expect(journal.starts()).toHaveLength(100);
    expect(new Set(journal.starts().map(({ runId }) => runId)).size).toBe(100);
  });
});
