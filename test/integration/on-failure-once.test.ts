import { provisionConsumers, Publisher, RunRecords, type BrokerConnection } from "@umbel/broker";
import { fixed, type RunHandle } from "@umbel/client";
import type { OutcomeRecord } from "@umbel/protocol";
import { createTestMesh, type TestMesh, type WorkerProcess } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo, openRuns, takeAndVanish } from "../helpers/consumers.ts";
import { cleanup, reportedGate, reportedLoop } from "../helpers/failing-tasks.ts";
import { cleanups, onlyNotice } from "../helpers/failure-notices.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { CLEANUP, FAILING } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";

// A failure is told by one run, however often and by whomever what follows from it is completed.

const shared = shareServer();
const worker = { modules: [FAILING, CLEANUP], ackWait: "1s" } as const;

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

test("a failure that nobody has heard yet outlives the server, and so does the delay before an attempt", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh();
  const first = await mesh.spawnWorker({ ...worker, queues: ["default"] });
  const failing = { journal: journal.path, throws: {} };
  const run = await mesh.client.enqueue(reportedLoop, failing, { retry: { maxAttempts: 1 } });
  const retry = { backoff: fixed("3s", { jitter: "none" }) } as const;
  const later = await mesh.client.enqueue(reportedLoop, { ...failing, times: 1 }, { retry });
  await first.log.waitFor("run.failure_reported", (line) => line["runId"] === run.id);
  await first.log.waitFor("run.retrying", (line) => line["runId"] === later.id);
  first.kill();
  await mesh.server.kill();
  await mesh.server.restart();
  await mesh.startWorker(worker);
  expect(await later.result({ timeout: "60s" })).toBe(2);
  // A server that is killed may forget its last deliveries: then the first attempt is executed once more.
  expect(new Set(journal.starts(later.id).map(({ attempt }) => attempt))).toEqual(new Set([1, 2]));
  expect(await onlyNotice(mesh, journal)).toMatchObject({ runId: run.id, reason: "exhausted" });
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
