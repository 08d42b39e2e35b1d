import type { RunHandle } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { again, echo, gated, hang, quick, rest } from "../helpers/tasks.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
});
afterAll(() => journal[Symbol.asyncDispose]());

/** The run is cancelled, its caller is told so, nothing of it is left, and it is never started after `starts`. */
async function expectCancelled(mesh: TestMesh, run: RunHandle<unknown>, starts: number): Promise<void> {
  expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_cancelled" });
  expect(await run.state()).toBe("cancelled");
  await using connection = await connectTo(mesh);
  await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
  // A worker that takes another run has had the chance to take this one.
  const other = await mesh.client.enqueue(quick, 1);
  await other.result(PATIENT);
  expect(journal.starts(run.id)).toHaveLength(starts);
}

describe("a cancelled run is never executed afterwards:", () => {
  test("one that waits in its queue", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 });
    expect(await run.cancel({ reason: "not needed" })).toEqual({ cancelled: true });
    expect(await run.info()).toMatchObject({ state: "cancelled", reason: "not needed", task: "test.echo" });
    expect(await run.cancel()).toEqual({ cancelled: true });
    await mesh.startWorker({ modules: [LOOP] });
    await expectCancelled(mesh, run, 0);
  });

  test("one that is delayed, also after it was due", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 }, { delay: "1s" });
    expect(await run.state()).toBe("scheduled");
    expect(await run.cancel()).toEqual({ cancelled: true });
    const later = await mesh.client.enqueue(echo, { journal: journal.path, value: 2 }, { delay: "1200ms" });
    await later.result(PATIENT);
    await expectCancelled(mesh, run, 0);
  });

  test("one that waits for its next attempt", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP], ackWait: "1s" });
    const run = await mesh.client.enqueue(again, { journal: journal.path, delay: 1_000 });
    await mesh.waitForState(run.id, "retrying");
    expect(await run.cancel()).toEqual({ cancelled: true });
    const later = await mesh.client.enqueue(echo, { journal: journal.path, value: 2 }, { delay: "2s" });
    await later.result(PATIENT);
    await expectCancelled(mesh, run, 1);
  });

  test("one that is executed on the loop has its signal aborted", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP], ackWait: "1s" });
    const run = await mesh.client.enqueue(rest, { journal: journal.path, ms: 60_000 });
    await mesh.eventually("it has started", () => journal.starts(run.id).length > 0);
    expect(await run.cancel()).toEqual({ cancelled: true });
    await mesh.eventually("its signal has aborted", () =>
      journal.entries.some(({ what, runId }) => what === "aborted" && runId === run.id),
    );
    await expectCancelled(mesh, run, 1);
    expect(await mesh.log.waitFor("run.cancelled")).toMatchObject({ runId: run.id });
  });

  test("one whose handler ignores its signal is given up after the grace, and its slot is free", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const worker = await mesh.startWorker({ modules: [LOOP], concurrency: 1, abortGrace: "100ms" });
    const run = await mesh.client.enqueue(hang, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(run.id).length > 0);
    expect(await run.cancel()).toEqual({ cancelled: true });
    await mesh.log.waitFor("handler.ignored_abort", ({ runId }) => runId === run.id);
    await expectCancelled(mesh, run, 1);
    await mesh.eventually("the worker holds no run", () => worker.runIds.length === 0);
  });
});

describe("a cancel that comes too late", () => {
  test("says how the run has ended, and changes nothing", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const run = await mesh.client.enqueue(quick, 5);
    await run.result(PATIENT);
    expect(await run.cancel()).toEqual({ cancelled: false, state: "succeeded" });
    expect(await mesh.client.run(run.id).result(PATIENT)).toBe(5);
  });

  test("of a run that nobody knows is run_unknown", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const error = await rejection(mesh.client.run("never-enqueued").cancel());
    expect(error).toMatchObject({ code: "run_unknown", details: { runId: "never-enqueued" } });
  });

  test("or just in time, while outcomes are stored, leaves one outcome that everybody sees", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ modules: [LOOP] });
    const inputs = Array.from({ length: 40 }, () => ({ journal: journal.path }));
    const runs = await mesh.client.enqueueMany(gated, inputs);
    await mesh.eventually("all have started", () => runs.every(({ id }) => journal.starts(id).length > 0));
    const opened = journal.open("all");
    const cancels = await Promise.all(runs.map((run) => run.cancel()));
    await opened;
    const states = await Promise.all(runs.map(async (run) => (await run.outcome(PATIENT)).state));
    expect(states).toEqual(cancels.map(({ cancelled }) => (cancelled ? "cancelled" : "succeeded")));
  });
});
