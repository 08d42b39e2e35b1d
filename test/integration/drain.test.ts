import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP, THREADS } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, hang, quick, rest, spinForever } from "../helpers/tasks.ts";

// Promise 8: SIGTERM drains within its grace, and what is not finished is handed back at once.

const shared = shareServer();
const PATIENT = { timeout: "40s" } as const;
/** The ack-wait is longer than anything here waits: a run that comes back was handed back. */
const worker = { modules: [LOOP], ackWait: "2m" } as const;

describe("a worker that gets SIGTERM", () => {
  test("lets a short run finish, hands a long one back at once, and exits with 0", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const draining = await mesh.spawnWorker({ ...worker, drainTimeout: "3s", abortGrace: "500ms" });
    const short = await mesh.client.enqueue(rest, { journal: journal.path, ms: 1_000 });
    const long = await mesh.client.enqueue(gated, { journal: journal.path });
    const deaf = await mesh.client.enqueue(gated, { journal: journal.path, deaf: true });
    await mesh.eventually("all have started", () => journal.starts().length === 3);
    draining.kill("SIGTERM");
    await draining.log.waitFor("worker.stopping");
    const other = await mesh.startWorker(worker);
    const late = await mesh.client.enqueue(quick, 1);
    expect(await late.result(PATIENT)).toBe(1);

    expect(await short.result(PATIENT)).toBe(draining.pid);
    await mesh.eventually("the others have started elsewhere", () => {
      const pids = journal.starts().filter(({ pid }) => pid === process.pid);
      return pids.length === 2;
    });
    expect(await draining.exited).toEqual({ code: 0, signal: undefined });
    const [line] = draining.log.of("worker.drain_timeout");
    expect(new Set(Array.isArray(line?.["runIds"]) ? line["runIds"] : [])).toEqual(
      new Set([long.id, deaf.id]),
    );
    expect(draining.log.of("worker.stopped")).toMatchObject([{ workerId: draining.workerId }]);

    await journal.open("all");
    for (const run of [long, deaf]) expect(await run.result(PATIENT)).toBe(process.pid);
    expect(other.runIds.length).toBeLessThanOrEqual(1);
    // Being handed back is not a failure: the same attempt, another delivery.
    const again = journal.starts(long.id).map(({ attempt, delivery }) => ({ attempt, delivery }));
    expect(again).toEqual([
      { attempt: 1, delivery: 1 },
      { attempt: 1, delivery: 2 },
    ]);
  });

  test("hands back all that waits in its queues, under arrivals, and strands nothing", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const draining = await mesh.spawnWorker({ ...worker, concurrency: 4 });
    const numbers = Array.from({ length: 3_000 }, (_, index) => index);
    const runs = await mesh.client.enqueueMany(quick, numbers.slice(0, 1_500));
    // In the middle of it, and more arrives meanwhile.
    await runs[200]?.result(PATIENT);
    draining.kill("SIGTERM");
    runs.push(...(await mesh.client.enqueueMany(quick, numbers.slice(1_500))));
    expect(await draining.exited).toEqual({ code: 0, signal: undefined });
    await mesh.startWorker(worker);
    expect(await Promise.all(runs.map((run) => run.result(PATIENT)))).toEqual(numbers);
  });

  test("twice does not wait for its runs any longer", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const hurried = await mesh.spawnWorker({ ...worker, drainTimeout: "10m", abortGrace: "200ms" });
    const run = await mesh.client.enqueue(hang, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(run.id).length > 0);
    hurried.kill("SIGTERM");
    await hurried.log.waitFor("worker.stopping");
    hurried.kill("SIGTERM");
    expect(await hurried.exited).toEqual({ code: 0, signal: undefined });
    expect(await run.state()).toBe("queued");
    await mesh.startWorker(worker);
    await mesh.eventually("it has started elsewhere", () => journal.starts(run.id).length === 2);
  });

  test("ends a thread that does not listen, and hands its run back", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { ...worker, modules: [THREADS], queues: ["cpu"], threads: 1 };
    const draining = await mesh.spawnWorker({ ...options, drainTimeout: "200ms", abortGrace: "200ms" });
    const run = await mesh.client.enqueue(spinForever, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(run.id).length > 0);
    draining.kill("SIGTERM");
    expect(await draining.exited).toEqual({ code: 0, signal: undefined });
    const other = await mesh.spawnWorker(options);
    await mesh.eventually("it has started elsewhere", () =>
      journal.starts(run.id).some(({ pid }) => pid === other.pid),
    );
    expect(journal.starts(run.id).map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});

test("a worker in this process stops once, however often it is told", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const stopping = await mesh.startWorker(worker);
  const run = await mesh.client.enqueue(rest, { journal: journal.path, ms: 300 });
  await mesh.eventually("it has started", () => journal.starts(run.id).length > 0);
  await Promise.all([stopping.stop(), stopping.stop({ reason: "again" }), stopping[Symbol.asyncDispose]()]);
  await stopping.stopped;
  expect(await run.result(PATIENT)).toBe(process.pid);
  expect(stopping.unreadyReason).toBe("stopping");
  expect(mesh.log.of("worker.stopping")).toHaveLength(1);
});
