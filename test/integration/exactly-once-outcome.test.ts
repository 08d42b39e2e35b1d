import { provisionConsumers, Publisher, RunRecords, type BrokerConnection } from "@umbel/broker";
import type { RunHandle } from "@umbel/client";
import { encode, type OutcomeRecord } from "@umbel/protocol";
import { createTestMesh, type TestMesh, type WorkerProcess } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backlog, connectTo, isAskedFor, openRuns, takeAndVanish } from "../helpers/consumers.ts";
import { createJournal, type Journal, type JournalEntry } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { block, crash, echo, gated, parent, type GatedInput } from "../helpers/tasks.ts";

// Promise 2: a run may execute twice after a crash; it has one outcome, one set of follow-ups, one dead letter.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const worker = { modules: [LOOP], ackWait: "2s" } as const;

describe("a worker that is killed", () => {
  test("after its handler ended and before its outcome was stored has its run executed again, once", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const doomed = await mesh.spawnWorker(worker);
    const run = await mesh.client.enqueue(crash, { journal: journal.path, times: 1 });
    expect(await doomed.exited).toMatchObject({ signal: "SIGKILL" });
    await mesh.startWorker(worker);
    expect(await run.result(PATIENT)).toBe(2);
    expect(journal.starts(run.id).map(({ delivery, attempt }) => [delivery, attempt])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(await mesh.deadLetters()).toEqual([]);
  });

  test("after it enqueued children leaves the same children to its successor, and each is executed once", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const doomed = await mesh.spawnWorker(worker);
    const run = await mesh.client.enqueue(
      parent,
      { journal: journal.path, children: 5, crashes: 1 },
      { queue: "default" },
    );
    await doomed.exited;
    await mesh.startWorker(worker);
    const ids = await run.result(PATIENT);
    expect(new Set(ids).size).toBe(5);
    const results = await Promise.all(ids.map((id) => mesh.client.run(id).result(PATIENT)));
    expect(results).toEqual([0, 1, 2, 3, 4]);
    await using connection = await connectTo(mesh);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    const children = journal.starts().filter(({ runId }) => runId !== run.id);
    // The first worker may have begun some of them before it died: those are executed twice, like any run.
    const byFirst = children.filter(({ pid }) => pid === doomed.pid);
    expect(children.length).toBeLessThanOrEqual(5 + byFirst.length);
    expect(new Set(children.map(({ runId }) => runId))).toEqual(new Set(ids));
  });
});

describe("a worker that was stopped for longer than its ack-wait", () => {
  let journal: Journal;
  let mesh: TestMesh;
  let connection: BrokerConnection;
  let zombie: WorkerProcess;
  let successor: WorkerProcess;
  let returning: RunHandle<number>;
  let executing: RunHandle<number>;
  let discarding: RunHandle<number>;
  let enqueueing: RunHandle<number>;

  // The zombie starts four runs and is stopped; its successor starts them too, and ends three of them.
  beforeAll(async () => {
    journal = await createJournal();
    mesh = await createTestMesh({ server: shared.url });
    connection = await connectTo(mesh);
    zombie = await mesh.spawnWorker(worker);
    const enqueue = (next: GatedInput["next"] = "return"): Promise<RunHandle<number>> =>
      mesh.client.enqueue(gated, { journal: journal.path, next });
    [returning, executing] = [await enqueue(), await enqueue()];
    [discarding, enqueueing] = [await enqueue("discard"), await enqueue("enqueue")];
    await mesh.eventually("the zombie has started all", () => startsIn(zombie).length === 4);
    zombie.kill("SIGSTOP");
    successor = await mesh.spawnWorker(worker);
    await mesh.eventually("its successor has started all", () => startsIn(successor).length === 4);
    for (const { id } of [returning, discarding, enqueueing]) await journal.open(id);
    await mesh.waitForState(returning.id, "succeeded");
    await mesh.waitForState(discarding.id, "failed");
    await mesh.waitForState(enqueueing.id, "succeeded");
    await journal.open(`${executing.id}-${zombie.pid}`);
    zombie.kill("SIGCONT");
    for (const { id } of [returning, discarding, enqueueing, executing]) {
      await zombie.log.waitFor("run.refused", (line) => line["runId"] === id);
    }
  });
  afterAll(async () => {
    await connection.close();
    await mesh.close();
    await journal[Symbol.asyncDispose]();
  });

  function startsIn({ pid }: WorkerProcess): readonly JournalEntry[] {
    return journal.starts().filter((entry) => entry.pid === pid && entry.task === gated.name);
  }

  test("notices that it has lost its leases", async () => {
    const lost = await zombie.log.waitFor("run.lease_lost");
    expect(lost).toMatchObject({ ackWaitMs: 2_000, delivery: 1, workerId: zombie.workerId });
  });

  test("cannot overwrite the outcome of its successor", async () => {
    expect(await returning.result(PATIENT)).toBe(successor.pid);
    const info = await returning.info();
    expect(info).toMatchObject({ state: "succeeded", worker: successor.workerId });
    expect(zombie.log.of("run.refused").find((line) => line["runId"] === returning.id)).toMatchObject({
      outcome: "succeeded",
      delivery: 1,
      workerId: zombie.workerId,
    });
  });

  test("cannot end a run while its successor executes it", async () => {
    expect(await executing.info()).toMatchObject({ state: "running", worker: successor.workerId });
    await mesh.eventually("only this run is left", async () => (await openRuns(connection)) === 1);
    await journal.open(executing.id);
    expect(await executing.result(PATIENT)).toBe(successor.pid);
    await mesh.eventually("the run is acked", async () => (await openRuns(connection)) === 0);
  });

  test("leaves one dead letter when both discard a run", async () => {
    const letters = await mesh.deadLetters();
    expect(letters).toMatchObject([{ runId: discarding.id, letter: { reason: "discarded" } }]);
    expect(letters[0]?.letter?.errors.map(({ error }) => error.message)).toEqual([
      `discarded by ${successor.pid}`,
    ]);
  });

  test("leaves one child when both enqueue it", async () => {
    const children = journal.starts().filter(({ task }) => task === echo.name);
    expect(children).toHaveLength(1);
  });

  test("has a smaller fence than its successor", () => {
    expect(startsIn(zombie).map(({ fence }) => fence)).toEqual([0, 0, 0, 0]);
    for (const { fence, delivery } of startsIn(successor)) {
      expect(fence).toBeGreaterThan(0);
      expect(delivery).toBeGreaterThan(1);
    }
  });

  test("executes nothing a third time", () => {
    expect(journal.starts().filter(({ task }) => task === gated.name)).toHaveLength(8);
  });
});

describe("a delivery that lay in the socket of a stopped worker for longer than its ack-wait", () => {
  test("is not executed beside the worker that has the run now, though it looks like a first one", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const zombie = await mesh.spawnWorker({ ...worker, concurrency: 2 });
    const first = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 });
    await first.result(PATIENT);
    await mesh.eventually("it has acked that, and asked for the next one", async () => {
      return (await openRuns(connection)) === 0 && isAskedFor(connection, "default");
    });
    zombie.kill("SIGSTOP");
    const run = await mesh.client.enqueue(gated, { journal: journal.path, next: "return" });
    await mesh.eventually("it was sent to the stopped worker", async () => {
      return (await backlog(connection, "default")).held === 1;
    });
    const successor = await mesh.spawnWorker(worker);
    await mesh.eventually("its successor has started it", () => journal.starts(run.id).length === 1);
    zombie.kill("SIGCONT");
    // By then it has read all that was in its socket.
    await mesh.eventually("the stopped worker works again", async () => {
      const other = await mesh.client.enqueue(echo, { journal: journal.path, value: 2 });
      await other.result(PATIENT);
      return journal.starts(other.id).some(({ pid }) => pid === zombie.pid);
    });
    await journal.open(run.id);
    expect(await run.result(PATIENT)).toBe(successor.pid);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    expect(journal.starts(run.id).map(({ pid, start }) => [pid, start])).toEqual([[successor.pid, 1]]);
  });
});

describe("a loop that is blocked for longer than the ack-wait", () => {
  test("has its runs handed over again, and each still has one outcome and no second start beside it", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const blocked = await mesh.spawnWorker({ modules: [LOOP], ackWait: "1s" });
    const run = await mesh.client.enqueue(block, { journal: journal.path, ms: 3_000 });
    await mesh.eventually("it is handed over again", async () => {
      return (await backlog(connection, "default")).redelivered > 0;
    });
    // What comes after it has been executed: so it has reached the worker, whose loop is free again.
    const after = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 });
    await after.result(PATIENT);
    await journal.open(run.id);
    expect(await run.result(PATIENT)).toBe(blocked.pid);
    await mesh.eventually("nothing is left", async () => (await openRuns(connection)) === 0);
    expect(journal.starts(run.id)).toHaveLength(1);
  });
});

describe("a run that is delivered again after it has ended", () => {
  const outcome: OutcomeRecord = {
    state: "succeeded",
    task: echo.name,
    queue: "default",
    worker: "one-that-died",
    attempt: 1,
    starts: 1,
    at: 1,
    errors: [],
    fence: 0,
    enqueuedAt: 1,
    result: encode("by the first"),
  };

  /** As a worker that stored the outcome of its run and died before its ack. */
  async function dieBeforeAck(
    connection: BrokerConnection,
    runId: string,
    record: OutcomeRecord,
  ): Promise<void> {
    await takeAndVanish(connection, "default");
    using publisher = new Publisher(connection);
    const written = await new RunRecords(connection, publisher).write(runId, record, { expected: 0 });
    expect(written.won).toBe(true);
  }

  test("is acked without being executed", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await provisionConsumers(connection, "default", 1_000);
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: "by the second" });
    await dieBeforeAck(connection, run.id, outcome);
    await mesh.startWorker({ ...worker, ackWait: "1s" });
    await mesh.eventually("it is acked", async () => (await openRuns(connection)) === 0);
    expect(await run.result(PATIENT)).toBe("by the first");
    expect(journal.starts()).toEqual([]);
    expect(await backlog(connection, "default")).toMatchObject({ waiting: 0, held: 0 });
  });

  test("gets the dead letter that its worker had no time to keep", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await provisionConsumers(connection, "default", 1_000);
    const run = await mesh.client.enqueue(echo, { journal: journal.path, value: 1 });
    const { result: _, ...rest } = outcome;
    const failed: OutcomeRecord = { ...rest, state: "failed", deadLetter: "discarded" };
    await dieBeforeAck(connection, run.id, failed);
    expect(await mesh.deadLetters()).toEqual([]);
    await mesh.startWorker({ ...worker, ackWait: "1s" });
    await mesh.eventually("it is acked", async () => (await openRuns(connection)) === 0);
    expect(await mesh.deadLetters()).toMatchObject([{ runId: run.id, letter: { reason: "discarded" } }]);
    expect(journal.starts()).toEqual([]);
  });
});
