import { connect, UmbelError, type EventType, type MeshEvent } from "@umbel/client";
import { eventSubject } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { defineTask, fixed, handle } from "@umbel/worker";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;

const work = defineTask<{ readonly fail?: "always" | "once" }, string>({
  name: "test.work",
  retry: { maxAttempts: 2, backoff: fixed(10, { jitter: "none" }) },
});
const parent = defineTask<null, null>({ name: "test.parent" });
const workHandler = handle(work, ({ fail }, { attempt }) => {
  if (fail === "always" || (fail === "once" && attempt === 1)) throw new TypeError("broken");
  return "done";
});
const parentHandler = handle(parent, async (_, context) => {
  await context.enqueue(work, {});
  return null;
});
const handlers = [workHandler, parentHandler];

let watching: AbortController;
beforeEach(() => {
  watching = new AbortController();
});
afterEach(() => watching.abort());

/** What a watcher has seen so far. */
function watch(mesh: TestMesh, options: Parameters<TestMesh["client"]["events"]>[0] = {}): MeshEvent[] {
  const seen: MeshEvent[] = [];
  const read = async (): Promise<void> => {
    for await (const event of mesh.client.events({ signal: watching.signal, ...options })) seen.push(event);
  };
  read().catch((error: unknown) => {
    // A mesh that is gone before its test has quite ended; one that never was would show in what is seen.
    if (!watching.signal.aborted && !UmbelError.is(error, "not_provisioned")) throw error;
  });
  return seen;
}

const typesOf = (seen: readonly MeshEvent[], runId: string): EventType[] =>
  seen.flatMap((event) => ("runId" in event && event.runId === runId ? [event.type] : []));

async function until(seen: readonly MeshEvent[], type: EventType, count = 1): Promise<void> {
  const enough = (): boolean => seen.filter((event) => event.type === type).length >= count;
  await eventually(`${count} of ${type}`, enough, { timeoutMs: 30_000 });
}

describe("the events of a run", () => {
  test("tell its life in order, with who told them, and no input or result", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const seen = watch(mesh, { since: "1h" });
    const worker = await mesh.startWorker({ handlers });
    const run = await mesh.client.enqueue(work, { fail: "once" });
    await run.result(PATIENT);
    await until(seen, "run.succeeded");
    const about = { v: 1, at: expect.any(Number), runId: run.id, task: "test.work", queue: "default" };
    const told = seen.filter((event) => "runId" in event);
    // Those of the client and those of the worker are two orders.
    expect(told.filter(({ client }) => client !== undefined)).toEqual([
      { ...about, type: "run.enqueued", client: run.id.slice(-10), priority: "normal" },
    ]);
    const attempt = { ...about, worker: worker.id, attempt: 1, delivery: 1, start: 1 };
    const second = { ...attempt, attempt: 2, delivery: 2, start: 2 };
    const error = { name: "TypeError", message: "broken" };
    expect(told.filter(({ worker: id }) => id !== undefined)).toEqual([
      { ...attempt, type: "run.started", waitMs: expect.any(Number) },
      { ...attempt, type: "run.retrying", delayMs: 10, error },
      { ...second, type: "run.started", waitMs: expect.any(Number) },
      { ...second, type: "run.succeeded", durationMs: expect.any(Number) },
    ]);
  });

  test("tell its failure and its dead letter, its cancel, its expiry, and the line of a child", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const seen = watch(mesh, { since: "1h" });
    const cancelled = await mesh.client.enqueue(work, {});
    await cancelled.cancel({ reason: "not needed" });
    const expired = await mesh.client.enqueue(work, {}, { expires: 1 });
    const failed = await mesh.client.enqueue(work, { fail: "always" });
    const first = await mesh.client.enqueue(parent, null);
    await mesh.startWorker({ handlers });
    await until(seen, "run.dead_lettered");
    await until(seen, "run.expired");
    await until(seen, "run.succeeded", 2);
    expect(typesOf(seen, cancelled.id)).toEqual(["run.enqueued", "run.cancelled"]);
    expect(typesOf(seen, expired.id)).toEqual(["run.enqueued", "run.expired"]);
    expect(typesOf(seen, failed.id).slice(-2)).toEqual(["run.failed", "run.dead_lettered"]);
    expect(seen.find(({ type }) => type === "run.failed")).toMatchObject({
      reason: "exhausted",
      attempt: 2,
      durationMs: expect.any(Number),
      error: { name: "TypeError", message: "broken" },
    });
    const line = { parentRunId: first.id, rootRunId: first.id };
    const child = seen.filter((event) => "parentRunId" in event && event.parentRunId === first.id);
    expect(child.map(({ type }) => type)).toEqual(["run.enqueued", "run.started", "run.succeeded"]);
    for (const event of child) expect(event).toMatchObject(line);
  });

  test("tell each of many enqueues, and are chosen by type, task and run", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const seen = watch(mesh, { since: "1h", types: ["run.enqueued"], task: "test.work" });
    await mesh.client.enqueue(parent, null);
    const runs = await mesh.client.enqueueMany(
      work,
      Array.from({ length: 5_000 }, () => ({})),
    );
    await until(seen, "run.enqueued", 5_000);
    expect(seen.map((event) => ("runId" in event ? event.runId : ""))).toEqual(runs.map(({ id }) => id));
    const last = runs.at(-1)?.id ?? "";
    const one = watch(mesh, { since: new Date(Date.now() - 60_000), runId: last });
    await until(one, "run.enqueued");
    expect(one).toHaveLength(1);
  });

  test("go on after the server has restarted, without a gap", async () => {
    await using mesh = await createTestMesh();
    const seen = watch(mesh, { since: "1h" });
    await mesh.startWorker({ handlers });
    const before = await mesh.client.enqueue(work, {});
    await before.result(PATIENT);
    await until(seen, "run.succeeded");
    await mesh.server.restart();
    await mesh.eventually("it is connected", () => mesh.client.connected);
    const after = await mesh.client.enqueue(work, {});
    await after.result(PATIENT);
    await until(seen, "run.succeeded", 2);
    for (const { id } of [before, after]) {
      expect(typesOf(seen, id).toSorted()).toEqual(["run.enqueued", "run.started", "run.succeeded"]);
    }
    expect(seen.filter(({ type }) => type === "events.lost")).toEqual([]);
  });
});

describe("the events of a worker", () => {
  test("tell its start and its stop, and end with its loop", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const seen = watch(mesh, { since: "1h" });
    const worker = await mesh.startWorker({ handlers, concurrency: 3, threads: 1 });
    await worker.stop({ reason: "enough" });
    await until(seen, "worker.stopped");
    expect(seen).toMatchObject([
      { type: "worker.started", worker: worker.id, queues: ["default"], slots: 3, threads: 1 },
      { type: "worker.stopping", reason: "enough", running: 0 },
      { type: "worker.stopped", durationMs: expect.any(Number) },
    ]);
  });

  test("are heard in its process, told or not; a listener that throws harms nothing", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const all: string[] = [];
    const worker = await mesh.startWorker({
      handlers,
      events: false,
      onEvent: ({ type }) => {
        all.push(type);
        throw new Error("a bad listener");
      },
    });
    const durations: number[] = [];
    const stop = worker.on("run.succeeded", ({ durationMs }) => durations.push(durationMs));
    const run = await mesh.client.enqueue(work, {});
    expect(await run.result(PATIENT)).toBe("done");
    await mesh.eventually("it was heard", () => durations.length === 1);
    stop();
    await (await mesh.client.enqueue(work, {})).result(PATIENT);
    await mesh.eventually(
      "the other listener goes on",
      () => all.filter((type) => type === "run.succeeded").length === 2,
    );
    expect(durations).toHaveLength(1);
    expect(all.slice(0, 3)).toEqual(["worker.started", "run.started", "run.succeeded"]);
    await using connection = await connectTo(mesh);
    const subject = eventSubject(mesh.name, { role: "worker", id: worker.id });
    const { state } = await connection.manager.streams.info(connection.streams.events, {
      subjects_filter: subject,
    });
    expect(state.subjects ?? {}).toEqual({});
  });

  test("are not told by a client that is asked not to", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const quiet = await mesh.connect({ events: false });
    await quiet.enqueue(work, {});
    await quiet.close();
    const seen = watch(mesh, { since: "1h" });
    const loud = await mesh.connect();
    const run = await loud.enqueue(work, {});
    await loud.close();
    await until(seen, "run.enqueued");
    expect(seen).toMatchObject([{ runId: run.id }]);
  });
});

describe("a wrong option", () => {
  test.each([
    [{ types: ["run.suceeded"] }, 'Did you mean "run.succeeded"?'],
    [{ since: "yesterday" }, "events.since"],
    [{ since: new Date(Number.NaN) }, "events.since"],
    [{ sinse: "1h" }, 'Did you mean "since"?'],
  ])("%o is refused at once", async (options, words) => {
    await using mesh = await createTestMesh({ server: shared.url });
    const call = async (): Promise<unknown> => Reflect.apply(mesh.client.events, mesh.client, [options]);
    expect(await rejection(call())).toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(words),
    });
  });

  test("of connect too", async () => {
    const call = async (): Promise<unknown> => Reflect.apply(connect, undefined, [{ events: "no" }]);
    expect(await rejection(call())).toMatchObject({ code: "invalid_argument", details: { field: "events" } });
  });
});
