import { findRunMessage } from "@umbel/broker";
import type { FailureNotice } from "@umbel/client";
import { parseRunHeader } from "@umbel/protocol";
import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import {
  badlyReported,
  cleanup,
  clumsyCleanup,
  reportedCrash,
  reportedGate,
  reportedLoop,
  reportedThread,
} from "../helpers/failing-tasks.ts";
import { cleanups, onlyNotice } from "../helpers/failure-notices.ts";
import { createJournal } from "../helpers/journal.ts";
import { CLEANUP, FAILING, FAILING_THREADS } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { runByHand } from "../helpers/run-by-hand.ts";
import { shareServer } from "../helpers/shared-server.ts";

// A final failure is told to the task for it: as one run, however the failure came about and whoever completes it.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const worker = { modules: [FAILING, CLEANUP], ackWait: "1s" } as const;

describe("a failure is told once, with all that is known of it,", () => {
  test.each([
    ["on the loop", reportedLoop, "default"],
    ["on a thread", reportedThread, "failing-cpu"],
  ])("when the attempts of a run %s are exhausted", async (_, task, queue) => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ ...worker, modules: [FAILING, FAILING_THREADS, CLEANUP], threads: 1 });
    const input = { journal: journal.path, throws: { message: "no mail", code: "EMAIL" } };
    const run = await mesh.client.enqueue(task, input);
    await rejection(run.result(PATIENT));
    const { enqueuedAt, finishedAt } = await run.info();
    const error = expect.objectContaining({ name: "Error", message: "no mail", code: "EMAIL" });
    expect(await onlyNotice(mesh, journal)).toEqual({
      runId: run.id,
      task: task.name,
      queue,
      state: "failed",
      reason: "exhausted",
      error,
      errors: [1, 2].map((attempt) => ({ attempt, at: expect.any(Number), error })),
      attempts: 2,
      starts: 2,
      failedAt: finishedAt,
      enqueuedAt,
      input,
      tags: [],
      rootRunId: run.id,
    });
    expect(await mesh.deadLetters()).toMatchObject([{ runId: run.id }]);
  });

  test("when its handler discards it", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(reportedGate, { journal: journal.path });
    await journal.open(run.id);
    expect(await onlyNotice(mesh, journal)).toMatchObject({
      runId: run.id,
      reason: "discarded",
      error: { name: "DiscardRequest", message: `discarded by ${process.pid}` },
    });
  });

  test("when it expires, although it has no dead letter", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const input = { journal: journal.path, throws: {} };
    const at = new Date(Date.now() - 60_000);
    const run = await mesh.client.enqueue(reportedLoop, input, { at, expires: "1s" });
    await mesh.startWorker(worker);
    const notice = await onlyNotice(mesh, journal);
    expect(notice).toMatchObject({ runId: run.id, state: "expired", reason: "expired", attempts: 0, input });
    expect(notice).not.toHaveProperty("error");
    expect(await mesh.deadLetters()).toEqual([]);
  });

  test("when it kills its worker again and again", { timeout: 120_000 }, async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const run = await mesh.client.enqueue(reportedCrash, { journal: journal.path });
    const fragile = { ...worker, ackWait: "2s", crashLoopLimit: 1 } as const;
    // The first start leaves no mark; the one that is allowed does.
    for (let start = 1; start <= 2; start++) {
      const doomed = await mesh.spawnWorker(fragile);
      expect(await doomed.exited).toMatchObject({ signal: "SIGKILL" });
    }
    await mesh.spawnWorker(fragile);
    expect(await onlyNotice(mesh, journal)).toMatchObject({
      runId: run.id,
      reason: "crash-loop",
      error: { code: "crash_loop" },
      attempts: 1,
    });
    expect(journal.starts(run.id)).toHaveLength(2);
  });

  test("when no worker knows its task: one that knows neither does it, as the enqueue said", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({
      ...worker,
      modules: [CLEANUP],
      queues: ["default", "cleanup"],
      unknownTaskGrace: "1s",
    });
    const run = await mesh.client.enqueue(reportedLoop, { journal: journal.path, throws: {} });
    expect(await onlyNotice(mesh, journal)).toMatchObject({
      runId: run.id,
      reason: "unknown-task",
      error: { code: "unknown_task" },
      attempts: 0,
    });
  });

  test("when its enqueue said nothing, as of a producer without the definition: the worker's counts", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueueByName(reportedLoop.name, { journal: journal.path, throws: {} });
    expect(await onlyNotice(mesh, journal)).toMatchObject({ runId: run.id, reason: "exhausted" });
  });
});

test("a run whose input cannot be read is told without it", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  await mesh.startWorker(worker);
  const meta = { task: reportedLoop.name, onFailure: { task: cleanup.name, queue: cleanup.queue } };
  const place = { mesh: mesh.name, runId: "by-hand", queue: "default", priority: "normal" } as const;
  const { subject, headers } = runByHand({ ...place, meta, input: undefined });
  connection.nats.publish(subject, new Uint8Array([0xc1]), { headers });
  const { failureRunId } = await mesh.log.waitFor("run.failure_reported");
  const notice = await mesh.client.run<FailureNotice>(String(failureRunId)).result(PATIENT);
  expect(notice).toMatchObject({ runId: "by-hand", reason: "undecodable", error: { code: "undecodable" } });
  expect(notice).not.toHaveProperty("input");
});

describe("a failure is not told", () => {
  test("of a run that was cancelled", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(reportedGate, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    expect(await run.cancel()).toEqual({ cancelled: true });
    await mesh.log.waitFor("run.cancelled");
    expect(await openRuns(connection)).toBe(0);
    expect(mesh.log.of("run.failure_reported")).toEqual([]);
  });

  test("of a run that hears of failures, though its task has one to tell", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await mesh.startWorker(worker);
    const run = await mesh.client.enqueue(badlyReported, { journal: journal.path, throws: {} });
    const tasks = async (): Promise<unknown[]> => (await mesh.deadLetters()).map(({ task }) => task);
    await mesh.eventually("both are dead", async () => (await tasks()).length === 2);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    expect(await tasks()).toEqual([badlyReported.name, clumsyCleanup.name]);
    expect(cleanups(journal)).toEqual([]);
    expect(mesh.log.of("run.failure_reported")).toMatchObject([{ runId: run.id }]);
  });
});

test("the run that hears of a failure is of its line and its trace, and has no failure task", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  await using connection = await connectTo(mesh);
  await mesh.startWorker({ ...worker, queues: ["default"] });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const { body, subject, headers } = runByHand({
    mesh: mesh.name,
    runId: "by-hand",
    queue: "default",
    priority: "normal",
    meta: { task: reportedLoop.name, parentRunId: "p-1", rootRunId: "root-1", tags: ["import", "eu west"] },
    input: { journal: journal.path, throws: {} },
    headers: { traceparent },
  });
  connection.nats.publish(subject, body, { headers });
  const reported = await mesh.log.waitFor("run.failure_reported");
  const message = await findRunMessage(connection, String(reported["failureRunId"]));
  expect(message?.subject).toBe(
    `${mesh.name}.T.cleanup.n.failing~cleanup.${String(reported["failureRunId"])}`,
  );
  expect(parseRunHeader(message?.runHeader ?? "")).toMatchObject({
    task: cleanup.name,
    parentRunId: "by-hand",
    rootRunId: "root-1",
    onFailure: null,
    verify: true,
  });
  const stored = await connection.manager.streams.getMessage(connection.streams.tasks, {
    seq: message?.sequence ?? 0,
  });
  expect(stored?.header.get("traceparent")).toContain("0af7651916cd43dd8448eb211c80319c");
  const id = String(reported["failureRunId"]);
  await mesh.startWorker(worker);
  expect(await mesh.client.run<FailureNotice>(id).result(PATIENT)).toMatchObject({
    runId: "by-hand",
    rootRunId: "root-1",
    tags: ["import", "eu west"],
  });
});
