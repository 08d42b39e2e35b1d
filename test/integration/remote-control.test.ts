import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { callWith } from "../helpers/bad-call.ts";
import { createJournal } from "../helpers/journal.ts";
import { LIFE, LOOP } from "../helpers/modules.ts";
import { threadOf } from "../helpers/life-tasks.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, quick } from "../helpers/tasks.ts";

// What operators tell workers.

const shared = shareServer();
const PATIENT = { timeout: "20s" } as const;
const worker = { modules: [LOOP], ackWait: "1s" } as const;

describe("control", () => {
  test("adds and removes a queue, resizes, drains and ends one worker of two", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const one = await mesh.startWorker({ ...worker, workerName: "one" });
    const two = await mesh.startWorker({ ...worker, workerName: "two" });
    const { control, workers } = mesh.client;
    const target = { workers: "one" } as const;
    expect(await control.addQueue("late", target)).toMatchObject({
      replies: [{ worker: one.id, ok: true, value: { queues: ["default", "late"] } }],
      missing: [],
    });
    expect(await (await mesh.client.enqueue(quick, 1, { queue: "late" })).result(PATIENT)).toBe(1);
    expect(await control.removeQueue("late", target)).toMatchObject({
      replies: [{ ok: true, value: { queues: ["default"], left: false } }],
    });
    expect(await control.removeQueue("late", target)).toMatchObject({
      replies: [{ ok: false, error: { code: "invalid_argument" } }],
    });
    await control.resize({ concurrency: 3 }, target);
    expect([one.info().slots.loop.total, two.info().slots.loop.total]).toEqual([3, 50]);
    await control.drain(target);
    expect(one.info().state).toBe("draining");
    expect(one.unreadyReason).toBe("draining");
    await mesh.eventually(
      "the registry says so",
      async () => (await workers.get("one")).state === "draining",
    );
    const runs = await mesh.client.enqueueMany(quick, [1, 2, 3]);
    await Promise.all(runs.map((run) => run.result(PATIENT)));
    expect((await workers.get("one")).counts.started).toBe(1);
    await control.undrain(target);
    expect(one.unreadyReason).toBeUndefined();
    await control.shutdown(target);
    await one.stopped;
    expect((await workers.list()).map(({ name }) => name)).toEqual(["two"]);
  });

  test("a drained worker finishes what it executes, and runs that come go to another", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const draining = await mesh.startWorker({ ...worker, workerName: "draining" });
    const held = await mesh.client.enqueue(gated, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(held.id).length === 1);
    const { replies } = await mesh.client.control.drain({ workers: "all" });
    expect(replies).toMatchObject([{ ok: true, value: { held: 1 } }]);
    const waiting = await mesh.client.enqueue(quick, 7);
    await journal.open("all");
    await held.result(PATIENT);
    await mesh.eventually("it holds nothing", () => draining.runIds.length === 0);
    expect(await waiting.state()).toBe("queued");
    await mesh.startWorker(worker);
    expect(await waiting.result(PATIENT)).toBe(7);
    expect(draining.info().state).toBe("draining");
  });

  test("limits how often a task begins on a worker, until it is lifted", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker(worker);
    const { control, inspect } = mesh.client;
    await control.rateLimit(quick.name, "10/s", { workers: "all" });
    const [registered] = await inspect.registered();
    expect(JSON.stringify(registered)).toContain('"rateLimit":"10/s"');
    const startedAt: number[] = [];
    const watching = new AbortController();
    const watch = (async () => {
      for await (const event of mesh.client.events({ types: ["run.started"], signal: watching.signal }))
        startedAt.push(event.at);
    })();
    const runs = await mesh.client.enqueueMany(
      quick,
      Array.from({ length: 8 }, (_, index) => index),
    );
    await Promise.all(runs.map((run) => run.result(PATIENT)));
    await mesh.eventually("all starts are told", () => startedAt.length === 8);
    watching.abort();
    await watch;
    // Seven intervals of 100 ms, whatever the machine is at; timers may be a little early.
    expect((startedAt.at(-1) ?? 0) - (startedAt[0] ?? 0)).toBeGreaterThan(650);
    await control.rateLimit(quick.name, "none", { workers: "all" });
    expect(JSON.stringify(await inspect.registered())).not.toContain("rateLimit");
  });

  test("ends attempts of a task after so long, and waits for no promise of a run that is terminated", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using journal = await createJournal();
    await mesh.startWorker({ ...worker, abortGrace: "200ms" });
    const { control } = mesh.client;
    await control.timeLimit(gated.name, "150ms", { workers: "all" });
    const limited = await mesh.client.enqueue(
      gated,
      { journal: journal.path },
      { retry: { maxAttempts: 1 } },
    );
    expect(await limited.outcome(PATIENT)).toMatchObject({ state: "failed" });
    await control.timeLimit(gated.name, "none", { workers: "all" });
    const run = await mesh.client.enqueue(gated, { journal: journal.path, deaf: true });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    const { cancelled, ended } = await control.terminate([run.id], { reason: "it is stuck", by: "ada" });
    expect(cancelled).toMatchObject({ cancelled: 1 });
    expect(ended.replies).toMatchObject([{ ok: true, value: { runIds: [run.id] } }]);
    await mesh.eventually(
      "it is held no more",
      async () => (await mesh.client.workers.list())[0]?.held === 0,
    );
    expect(await run.info()).toMatchObject({ state: "cancelled", reason: "it is stuck" });
    await journal.open("all");
  });

  test("kills the thread of a run that is terminated, without the grace that a cancel gives", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const patient = { modules: [LIFE], queues: ["life-cpu"], threads: 1, abortGrace: "10m" } as const;
    const started = await mesh.startWorker(patient);
    const run = await mesh.client.enqueue(threadOf, { journal: journal.path, ms: 600_000 });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    const { ended } = await mesh.client.control.terminate([run.id]);
    expect(ended.replies).toMatchObject([{ worker: started.id, ok: true, value: { runIds: [run.id] } }]);
    await mesh.log.waitFor("thread.killed", ({ runId }) => runId === run.id);
    const next = await mesh.client.enqueue(threadOf, { journal: journal.path, ms: 1 });
    expect(await next.result(PATIENT)).toBeGreaterThan(0);
    expect(await run.state()).toBe("cancelled");
  });

  test("a wrong argument, worker or verb changes nothing, and says what is meant", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const started = await mesh.startWorker({ ...worker, workerName: "media-1" });
    const { control, inspect, audit } = mesh.client;
    const all = { workers: "all" } as const;
    await expect(control.drain({ workers: "media-2" })).rejects.toMatchObject({
      code: "worker_unknown",
      message: expect.stringContaining('Did you mean "media-1"?'),
    });
    await expect(inspect.ping({ workers: [] })).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(control.resize({ concurrency: 0 }, all)).rejects.toMatchObject({
      message: expect.stringContaining("concurrency"),
    });
    await expect(callWith(control, "rateLimit", quick.name, "5/d", all)).rejects.toMatchObject({
      code: "invalid_argument",
    });
    expect((await control.rateLimit("test.quik", "5/s", all)).replies).toMatchObject([
      { ok: false, error: { message: expect.stringContaining(`Did you mean "${quick.name}"?`) } },
    ]);
    expect((await control.logLevel("loud", all)).replies).toMatchObject([
      { ok: false, error: { code: "invalid_argument", message: expect.stringContaining("debug") } },
    ]);
    expect(started.info()).toMatchObject({ state: "running", slots: { loop: { total: 50 } } });
    expect((await audit.list()).entries.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["worker.drain", "failed"],
      ["worker.rate-limit", "failed"],
      ["worker.log-level", "failed"],
    ]);
  });
});
