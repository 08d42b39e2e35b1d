import {
  findRunMessage,
  provisionConsumers,
  Publisher,
  RunRecords,
  type BrokerConnection,
} from "@umbel/broker";
import type { FailureNotice, RunHandle } from "@umbel/client";
import { parseRunHeader, type OutcomeRecord } from "@umbel/protocol";
import { createTestMesh, type TestMesh, type WorkerProcess } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns, takeAndVanish } from "../helpers/consumers.ts";
import {
  badlyReported,
  cleanup,
  clumsyCleanup,
  reportedCrash,
  reportedGate,
  reportedLoop,
  reportedThread,
} from "../helpers/failing-tasks.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { CLEANUP, FAILING, FAILING_THREADS } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { runByHand } from "../helpers/run-by-hand.ts";
import { shareServer } from "../helpers/shared-server.ts";

// A final failure is told to the task for it: as one run, however the failure came about and whoever completes it.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const worker = { modules: [FAILING, CLEANUP], ackWait: "1s" } as const;

/** The notice of the one run of {@link cleanup}, once nothing waits or runs any more. */
async function onlyNotice(mesh: TestMesh, journal: Journal): Promise<FailureNotice> {
  await using connection = await connectTo(mesh);
  const started = (): boolean => cleanups(journal).length > 0;
  await mesh.eventually("the failure is told", started, { timeoutMs: 60_000 });
  await mesh.eventually("every message is settled", async () => (await openRuns(connection)) === 0);
  const [first, ...others] = cleanups(journal);
  if (first === undefined || others.length > 0) throw new Error(`told ${others.length + 1} times`);
  return mesh.client.run<FailureNotice>(first).result(PATIENT);
}

function cleanups(journal: Journal): readonly string[] {
  return journal
    .starts()
    .filter(({ task }) => task === cleanup.name)
    .map(({ runId }) => runId);
}

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

describe("the failure of a run whose worker ended between its outcome and what follows from it", () => {
  const outcome: OutcomeRecord = {
    state: "failed",
    task: reportedLoop.name,
    queue: "default",
    worker: "one-that-died",
    attempt: 2,
    starts: 2,
    at: 1,
    errors: [],
    fence: 0,
    enqueuedAt: 1,
    deadLetter: "exhausted",
    onFailure: { task: cleanup.name, queue: cleanup.queue },
  };

  async function dieAfterOutcome(connection: BrokerConnection, runId: string): Promise<void> {
    await takeAndVanish(connection, "default");
    using publisher = new Publisher(connection);
    const written = await new RunRecords(connection, publisher).write(runId, outcome, { expected: 0 });
    expect(written.won).toBe(true);
  }

  test("is told by the worker that gets its delivery, one that does not know its task included", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await provisionConsumers(connection, "default", 1_000);
    const run = await mesh.client.enqueue(reportedLoop, { journal: journal.path, throws: {} });
    await dieAfterOutcome(connection, run.id);
    await mesh.startWorker({ ...worker, modules: [CLEANUP], queues: ["default", "cleanup"] });
    expect(await onlyNotice(mesh, journal)).toMatchObject({
      runId: run.id,
      reason: "exhausted",
      failedAt: 1,
    });
    expect(journal.starts(run.id)).toEqual([]);
    expect(await mesh.deadLetters()).toMatchObject([{ runId: run.id }]);
  });
});

describe("a worker that was stopped for longer than its ack-wait while its successor failed its runs", () => {
  test(
    "completes what follows once more, and the failures are still told once",
    { timeout: 120_000 },
    async () => {
      await using journal = await createJournal();
      await using mesh = await createTestMesh({ server: shared.url });
      await using connection = await connectTo(mesh);
      const zombie = await mesh.spawnWorker(worker);
      const runs = [await enqueueGated(mesh, journal), await enqueueGated(mesh, journal)];
      await mesh.eventually("the zombie has started them", () => startsIn(zombie, journal) === 2);
      zombie.kill("SIGSTOP");
      const successor = await mesh.spawnWorker(worker);
      await mesh.eventually("its successor has started them", () => startsIn(successor, journal) === 2);
      for (const { id } of runs) await journal.open(id);
      await mesh.eventually("both are told, and that is over", async () => {
        return cleanups(journal).length === 2 && (await openRuns(connection)) === 0;
      });
      zombie.kill("SIGCONT");
      for (const { id } of runs) {
        const first = await successor.log.waitFor("run.failure_reported", (line) => line["runId"] === id);
        const second = await zombie.log.waitFor("run.failure_reported", (line) => line["runId"] === id);
        expect(second["failureRunId"]).toBe(first["failureRunId"]);
      }
      await mesh.eventually("what it enqueued again is gone", async () => (await openRuns(connection)) === 0);
      expect(cleanups(journal)).toHaveLength(2);
      expect(new Set(cleanups(journal)).size).toBe(2);
      expect(await mesh.deadLetters()).toHaveLength(2);
    },
  );

  function startsIn({ pid }: WorkerProcess, journal: Journal): number {
    return journal.starts().filter((entry) => entry.pid === pid && entry.task === reportedGate.name).length;
  }

  function enqueueGated(mesh: TestMesh, journal: Journal): Promise<RunHandle<never>> {
    return mesh.client.enqueue(reportedGate, { journal: journal.path });
  }
});
