import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { threadOf } from "../helpers/life-tasks.ts";
import { LIFE, LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, quick } from "../helpers/tasks.ts";

// A worker changes while it runs, and loses nothing by it.

const shared = shareServer();
const PATIENT = { timeout: "40s" } as const;
/** The ack-wait is longer than anything here waits: what is stranded is not found. */
const worker = { modules: [LOOP], ackWait: "2m" } as const;

describe("queues of a running worker", () => {
  test("are added: what waited in them is executed, and what comes", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker(worker);
    const early = await mesh.client.enqueue(quick, 1, { queue: "late" });
    await started.addQueue("late");
    await started.addQueue("late");
    expect(started.queues).toEqual(["default", "late"]);
    expect(await early.result(PATIENT)).toBe(1);
    for (const queue of ["late", "default"]) {
      const run = await mesh.client.enqueue(quick, 2, { queue });
      expect(await run.result(PATIENT)).toBe(2);
    }
  });

  test("are removed under arrivals: what executes ends here, nothing is stranded, others go on", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { ...worker, queues: ["kept", "left"], concurrency: 8 };
    const leaving = await mesh.startWorker(options);
    const held = await mesh.client.enqueue(gated, { journal: journal.path }, { queue: "left" });
    await mesh.eventually("it has started", () => journal.starts(held.id).length === 1);
    const numbers = Array.from({ length: 2_000 }, (_, index) => index);
    const runs = await mesh.client.enqueueMany(quick, numbers.slice(0, 1_000), { queue: "left" });
    await runs[200]?.result(PATIENT);
    const removed = leaving.removeQueue("left");
    runs.push(...(await mesh.client.enqueueMany(quick, numbers.slice(1_000), { queue: "left" })));
    const kept = await mesh.client.enqueue(quick, 7, { queue: "kept" });
    expect(await kept.result(PATIENT)).toBe(7);
    expect(leaving.queues).toEqual(["kept"]);
    const heldRuns = (): readonly string[] => leaving.info().runs.map(({ runId }) => runId);
    expect(heldRuns()).toContain(held.id);
    // Others need not wait for that.
    await leaving.addQueue("more");
    await leaving.removeQueue("more");
    await journal.open("all");
    await removed;
    expect(heldRuns()).not.toContain(held.id);
    expect(await held.result(PATIENT)).toBe(process.pid);

    await mesh.startWorker({ ...worker, queues: ["left"] });
    expect(await Promise.all(runs.map((run) => run.result(PATIENT)))).toEqual(numbers);
  });

  test("come back after they were removed", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker(worker);
    const away = started.removeQueue("default");
    await started.addQueue("default");
    await away;
    expect(started.queues).toEqual(["default"]);
    expect(await (await mesh.client.enqueue(quick, 3)).result(PATIENT)).toBe(3);
  });

  test("are removed for whoever waits when the worker stops, although a run of theirs never ends", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker({ ...worker, drainTimeout: 1, abortGrace: "200ms" });
    const run = await mesh.client.enqueue(gated, { journal: journal.path, deaf: true });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    const removed = started.removeQueue("default");
    await mesh.eventually("it is not pulled from", () => started.queues.length === 0);
    await Promise.all([started.stop(), removed]);
    expect(started.leftRunIds).toEqual([]);
    await journal.open("all");
    const other = await mesh.startWorker(worker);
    expect(await run.result(PATIENT)).toBe(process.pid);
    expect(other.queues).toEqual(["default"]);
  });

  test("with a wrong name are refused, and so is every change of a worker that stops", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker(worker);
    await expect(started.addQueue("a b")).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(started.removeQueue("other")).rejects.toMatchObject({
      code: "invalid_argument",
      details: { field: "queue", expected: "one of default" },
    });
    expect(started.queues).toEqual(["default"]);
    await started.stop();
    for (const change of [() => started.addQueue("late"), () => started.removeQueue("default")])
      await expect(change()).rejects.toMatchObject({ code: "connection_closed" });
    expect(() => started.resize({ concurrency: 1 })).toThrow(/stopping/);
    expect(started.info()).toMatchObject({ state: "stopped", runs: [] });
  });
});

describe("the slots of a running worker", () => {
  test("become more at once, and fewer as their runs end", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const resized = await mesh.startWorker({ ...worker, concurrency: 2 });
    const inputs = Array.from({ length: 8 }, () => ({ journal: journal.path }));
    const runs = await mesh.client.enqueueMany(gated, inputs);
    const executing = (count: number): Promise<true> =>
      mesh.eventually(`${count} are executed`, () => resized.info().runs.length === count);
    await executing(2);
    resized.resize({ concurrency: 5 });
    await executing(5);
    expect(resized.info().slots.loop).toEqual({ busy: 5, total: 5 });
    resized.resize({ concurrency: 1 });
    const [first, ...others] = resized.info().runs.map(({ runId }) => runId);
    for (const runId of others) await journal.open(runId);
    await executing(1);
    expect(resized.info()).toMatchObject({
      state: "running",
      slots: { loop: { busy: 1, total: 1 } },
      runs: [{ runId: first, task: "test.gated", queue: "default" }],
    });
    expect(journal.starts()).toHaveLength(5);
    await journal.open("all");
    for (const run of runs) expect(await run.result(PATIENT)).toBe(process.pid);
    // Nobody was aborted or started twice for it.
    expect(journal.starts()).toHaveLength(8);
  });

  test("on threads follow", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { modules: [LIFE], queues: ["life-cpu"], ackWait: "2m", threads: 1 } as const;
    const resized = await mesh.startWorker(options);
    resized.resize({ threads: 3 });
    const inputs = Array.from({ length: 3 }, () => ({ journal: journal.path, ms: 1_500 }));
    const runs = await mesh.client.enqueueMany(threadOf, inputs);
    await mesh.eventually("three are executed", () => resized.info().threads?.busy === 3);
    resized.resize({ threads: 1 });
    const threads = await Promise.all(runs.map((run) => run.result(PATIENT)));
    expect(new Set(threads).size).toBe(3);
    expect(journal.starts()).toHaveLength(3);
    await mesh.eventually("nothing is executed", () => resized.info().threads?.busy === 0);
    expect(resized.info()).toMatchObject({
      slots: { thread: { busy: 0, total: 1 } },
      threads: { busy: 0, total: 1 },
    });
    const last = await mesh.client.enqueue(threadOf, { journal: journal.path, ms: 1 });
    expect(threads).toContain(await last.result(PATIENT));
  });

  test("are refused when there are none, and nothing changes", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker({ ...worker, concurrency: 4, threads: 2 });
    for (const sizes of [
      { concurrency: 0, threads: 1 },
      { concurrency: 9, threads: 1.5 },
    ])
      expect(() => started.resize(sizes)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    expect(() => started.resize(Object.assign({ threads: 3 }, { slots: 3 }))).toThrow(/resize\.slots/);
    expect(started.info()).toMatchObject({
      slots: { loop: { busy: 0, total: 4 }, thread: { busy: 0, total: 2 } },
    });
    expect(started.info().threads).toBeUndefined();
  });
});

test("a thread is replaced after as many runs as it may execute, and no run is lost by it", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const replacing = await mesh.startWorker({
    modules: [LIFE],
    queues: ["life-cpu"],
    ackWait: "2m",
    threads: 2,
    maxRunsPerThread: 5,
  });
  const inputs = Array.from({ length: 20 }, () => ({ journal: journal.path, ms: 25 }));
  const threads: number[] = [];
  // How many runs the old threads take until their successors are ready, is the machine's matter.
  await mesh.eventually(
    "both threads are replaced",
    async () => {
      const runs = await mesh.client.enqueueMany(threadOf, inputs);
      threads.push(...(await Promise.all(runs.map((run) => run.result(PATIENT)))));
      return (replacing.info().threads?.replaced ?? 0) >= 2 && new Set(threads).size > 2;
    },
    { timeoutMs: 50_000 },
  );
  const counts = Map.groupBy(threads, (thread) => thread);
  expect(counts.size).toBeGreaterThan(2);
  for (const [, executed] of [...counts].slice(0, -2)) expect(executed.length).toBeGreaterThanOrEqual(5);
  expect(journal.starts()).toHaveLength(threads.length);
  expect(journal.starts().every(({ delivery, attempt }) => delivery === 1 && attempt === 1)).toBe(true);
  expect(replacing.info().threads).toMatchObject({ total: 2 });
});
