import { readFileSync } from "node:fs";
import { ask, connectBroker, findOverdueSchedules, Publisher, refireSchedule } from "@umbel/broker";
import { connect, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { defineTask, fixed, handle, startWorker, UmbelError, type Worker } from "@umbel/worker";
import { workerRequestSubject } from "@umbel/protocol";
import { eventually, silentLogger } from "@umbel/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";

const permissions = readFileSync(new URL("../../deploy/nats/permissions.conf", import.meta.url), "utf8");
const double = defineTask<number, number>({ name: "double" });
const doomed = defineTask<number, never>({ name: "doomed", retry: { maxAttempts: 1 } });
const doomedHandler = handle(doomed, () => {
  throw new Error("no way");
});
const doubleHandler = handle(double, async (input, context) => {
  if (input > 100) await context.enqueue(double, 1);
  return input * 2;
});

const keyedParent = defineTask<number, number>({ name: "keyed-parent" });
const keyedParentHandler = handle(keyedParent, async (input, context) => {
  await context.enqueue(double, input, { key: "of a child" });
  return input;
});
const flaky = defineTask<null, number>({ name: "flaky", retry: { maxAttempts: 2, backoff: fixed("10ms") } });
const flakyHandler = handle(flaky, (_, { attempt }) => {
  if (attempt === 1) throw new Error("not yet");
  return attempt;
});
const stuck = defineTask<null, never>({ name: "stuck" });
const stuckHandler = handle(stuck, (_, { signal }) => {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason));
  return promise;
});

let server: LocalServer;
let operator: Mesh;
let producer: Mesh;
let worker: Worker;

beforeAll(async () => {
  server = await startServer({ extraConfig: permissions });
  operator = await connectAs("operator");
  producer = await connectAs("producer");
  worker = await startWorker({
    ...user("worker"),
    handlers: [doubleHandler, doomedHandler, keyedParentHandler, flakyHandler, stuckHandler],
    signals: false,
    logger: silentLogger,
  });
});

afterAll(async () => {
  await worker?.stop();
  await producer?.close();
  await operator?.close();
  await server?.stop();
});

function user(name: string): { servers: string; user: string; password: string; inboxPrefix: string } {
  return { servers: server.url, user: name, password: `change-me-${name}`, inboxPrefix: `_INBOX_${name}` };
}

function connectAs(name: string): Promise<Mesh> {
  return connect(user(name));
}

test("a producer enqueues, awaits results and asks for states with its own rights", async () => {
  const run = await producer.enqueue(double, 21);
  expect(await run.result({ timeout: "10s" })).toBe(42);
  expect(await run.state()).toBe("succeeded");
  const later = await producer.enqueue(double, 1, { delay: "1h" });
  expect(await later.state()).toBe("scheduled");
  expect(await producer.run(run.id).result({ timeout: "10s" })).toBe(42);
});

test("a worker pulls, retries, and its handlers enqueue with its own rights", async () => {
  const run = await producer.enqueue(double, 101);
  expect(await run.result({ timeout: "10s" })).toBe(202);
});

test("a producer enqueues unique runs and changes what is scheduled, and a worker releases their locks", async () => {
  const options = { unique: "until-done", delay: "1h" } as const;
  const run = await producer.enqueue(double, 4, options);
  const same = await producer.enqueue(double, 4, options);
  expect(same).toMatchObject({ id: run.id, receipt: { existed: true } });
  await run.editInput(double, 5);
  await run.reschedule({ delay: "2h" });
  await run.promote();
  expect(await run.result({ timeout: "10s" })).toBe(10);
  await using connection = await connectBroker(user("operator"));
  await eventually("its lock is gone", async () => {
    const info = await connection.manager.streams.info(connection.streams.leases);
    return info.state.messages === 0;
  });
  const next = await producer.enqueue(double, 4, { unique: "until-done" });
  expect(next.receipt?.existed).toBe(false);
});

test("a worker looks for overdue schedules with its own rights", async () => {
  const connection = await connectBroker(user("worker"));
  const later = await producer.enqueue(double, 1, { delay: "1h" });
  // Everything is overdue to one who looks from so far ahead.
  const { overdue } = await findOverdueSchedules(connection, { from: 1, overdueMs: -7_200_000 });
  const found = overdue.find(({ subject }) => subject.endsWith(later.id));
  if (found === undefined) throw new Error("the schedule was not found");
  using publisher = new Publisher(connection);
  expect(await refireSchedule(publisher, found)).toBe(true);
  await connection.close();
});

test("runs with keys are enqueued, executed, retried and cancelled with the rights of each", async () => {
  const run = await producer.enqueue(double, 21, { key: "tenant 1" });
  expect(await run.result({ timeout: "10s" })).toBe(42);
  const parent = await producer.enqueue(keyedParent, 3);
  expect(await parent.result({ timeout: "10s" })).toBe(3);
  const later = await producer.enqueue(double, 1, { key: "tenant 1", delay: "1h" });
  expect(await operator.run(later.id).cancel()).toEqual({ cancelled: true });
  const aside = await producer.enqueue(flaky, null, { key: "tenant 2", onRetry: "allow-reorder" });
  expect(await aside.result({ timeout: "10s" })).toBe(2);
});

test("an operator pauses and resumes a queue, and a worker follows", async () => {
  await operator.queues.pause("default");
  const run = await producer.enqueue(double, 4);
  await expect(run.result({ timeout: "1s" })).rejects.toMatchObject({ code: "result_timeout" });
  await operator.queues.resume("default");
  expect(await run.result({ timeout: "10s" })).toBe(8);
  await operator.queues.configure("other", { lanes: 2 });
  expect(await operator.queues.list()).toMatchObject([{ name: "default" }, { name: "other", lanes: 2 }]);
});

test("an operator edits schedules and a worker fires them, a producer may only look", async () => {
  const { schedules } = operator;
  const start = new Date(Date.now() + 600);
  const often = {
    every: "1s",
    start,
    task: stuck,
    input: null,
    overlap: "cancel-previous",
    maxRuns: 2,
  } as const;
  await schedules.put("often", often);
  const fired = await eventually("the second run has taken the place of the first", async () => {
    const { runs } = await producer.schedules.get("often");
    return runs.length === 2 && runs[0]?.state === "cancelled" ? runs : undefined;
  });
  await operator.run(fired.at(-1)?.runId ?? "").cancel();
  const denied = { code: "permission_denied" };
  expect(await producer.schedules.list()).toHaveLength(1);
  await expect(producer.schedules.put("own", often)).rejects.toMatchObject(denied);
  await expect(producer.schedules.pause("often")).rejects.toMatchObject(denied);
  await expect(producer.schedules.run("often")).rejects.toMatchObject(denied);
  await expect(producer.schedules.delete("often")).rejects.toMatchObject(denied);
  const asWorker = await connectAs("worker");
  expect((await asWorker.schedules.list()).map(({ id }) => id)).toEqual(["often"]);
  expect(
    await asWorker.schedules.sync([{ id: "declared", every: "1h", task: double, input: 1 }]),
  ).toMatchObject({
    created: ["declared"],
  });
  await asWorker.close();
  for (const id of ["often", "declared"]) await schedules.delete(id);
});

test("an operator cancels, a producer may not", async () => {
  const run = await producer.enqueue(double, 1, { delay: "1h" });
  await expect(run.cancel()).rejects.toSatisfy((error) => UmbelError.is(error, "permission_denied"));
  expect(await run.state()).toBe("scheduled");
  expect(await operator.run(run.id).cancel()).toEqual({ cancelled: true });
  expect(await run.state()).toBe("cancelled");
});

test("a producer and a worker tell events with their own rights, and an operator reads them", async () => {
  const run = await producer.enqueue(double, 4);
  await run.result({ timeout: "10s" });
  const signal = AbortSignal.timeout(10_000);
  const seen: string[] = [];
  for await (const event of operator.events({ since: "1h", runId: run.id, signal })) {
    seen.push(event.type);
    // Each process sends what it tells in its own time: whose comes first is nobody's promise.
    if (seen.length === 3) break;
  }
  expect(seen.toSorted()).toEqual(["run.enqueued", "run.started", "run.succeeded"]);
});

test("a producer may not read events", async () => {
  const events = producer.events({ since: "1h", signal: AbortSignal.timeout(10_000) });
  await expect(events.next()).rejects.toMatchObject({ code: "permission_denied" });
});

test("an operator lists runs and cancels all that match, a producer may do neither", async () => {
  const run = await producer.enqueue(double, 1, { delay: "1h", tags: ["many"] });
  expect((await operator.runs.list({ tag: "many" })).runs).toMatchObject([
    { runId: run.id, state: "scheduled" },
  ]);
  expect((await operator.runs.list({ state: "running" })).runs).toEqual([]);
  const denied = { code: "permission_denied" };
  await expect(producer.runs.list({ tag: "many" })).rejects.toMatchObject(denied);
  await expect(producer.cancelMatching({ tag: "many" })).rejects.toMatchObject(denied);
  await expect(producer.cancel([run.id])).rejects.toMatchObject(denied);
  expect(await run.state()).toBe("scheduled");
  expect(await operator.cancelMatching({ tag: "many" })).toMatchObject({ cancelled: 1 });
  expect(await run.state()).toBe("cancelled");
});

test("an operator looks at dead letters, redrives and discards them, a producer may not", async () => {
  const runs = await producer.enqueueMany(doomed, [1, 2]);
  await Promise.all(runs.map((run) => run.outcome({ timeout: "10s" })));
  const [first = "", second = ""] = runs.map(({ id }) => id);
  const { deadLetters } = operator;
  const letters = async (): Promise<readonly string[]> =>
    (await deadLetters.list()).letters.map(({ runId }) => runId);
  await expect.poll(letters).toHaveLength(2);
  const denied = { code: "permission_denied" };
  await expect(producer.deadLetters.list()).rejects.toMatchObject(denied);
  await expect(producer.deadLetters.redrive(first)).rejects.toMatchObject(denied);
  await expect(producer.deadLetters.discard({ all: true })).rejects.toMatchObject(denied);
  const redriven = await deadLetters.redrive(first);
  expect(await redriven.outcome({ timeout: "10s" })).toMatchObject({ state: "failed" });
  await expect.poll(letters).toEqual([second, redriven.id]);
  await deadLetters.discard(second);
  expect(await letters()).toEqual([redriven.id]);
});

test("an operator lists, asks and tells workers, on the record", async () => {
  const [listed] = await operator.workers.list();
  expect(listed).toMatchObject({ id: worker.id, state: "running" });
  expect(await operator.inspect.ping()).toMatchObject([{ source: "live", worker: worker.id }]);
  const told = await operator.control.resize({ concurrency: 51 }, { workers: worker.id });
  expect(told.replies).toMatchObject([{ ok: true, value: { slots: 51 } }]);
  const { entries } = await operator.audit.list({ action: "worker.resize" });
  expect(entries).toMatchObject([
    { outcome: "done", who: { user: "operator" }, target: { concurrency: 51 } },
  ]);
  await using connection = await connectBroker(user("operator"));
  const { data } = await connection.nats.request("$SRV.PING.umbel-worker", "", { timeout: 5_000 });
  expect(data.toString()).not.toBe("");
});

test("a viewer lists and asks workers and reads the record, and changes nothing", async () => {
  const viewer = await connectAs("viewer");
  expect(await viewer.workers.list()).toHaveLength(1);
  expect(await viewer.inspect.ping()).toMatchObject([{ source: "live" }]);
  await viewer.audit.list();
  const denied = { code: "permission_denied" };
  await expect(viewer.control.drain({ workers: "all" })).rejects.toMatchObject(denied);
  await expect(viewer.queues.pause("default")).rejects.toMatchObject(denied);
  await expect(viewer.enqueue(double, 1)).rejects.toMatchObject(denied);
  expect(worker.info().state).toBe("running");
  await viewer.close();
});

test("neither a producer nor a worker tells workers anything, or is on the record", async () => {
  const denied = { code: "permission_denied" };
  for (const name of ["producer", "worker"]) {
    const mesh = await connectAs(name);
    await expect(mesh.control.drain({ workers: "all" })).rejects.toMatchObject(denied);
    await expect(mesh.inspect.ping()).rejects.toMatchObject(denied);
    await expect(mesh.audit.list()).rejects.toMatchObject(denied);
    await mesh.close();
    await using connection = await connectBroker(user(name));
    const subject = workerRequestSubject("umbel", worker.id, "control");
    const asked = ask(connection, subject, { body: new Uint8Array(), timeoutMs: 2_000 });
    await expect(asked).rejects.toMatchObject(denied);
    await expect(connection.nats.request("$SRV.PING", "", { timeout: 2_000 })).rejects.toThrow("Permissions");
  }
  expect(worker.info().state).toBe("running");
});

test("a wrong password is refused with a code and what to check", async () => {
  const wrong = connect({ ...user("producer"), password: "wrong" });
  await expect(wrong).rejects.toMatchObject({
    code: "permission_denied",
    message: expect.stringContaining("password"),
  });
});

test("an inbox of somebody else's prefix is refused with the subject that is missing", async () => {
  const wrong = connect({ ...user("producer"), inboxPrefix: "_INBOX_worker" });
  await expect(wrong).rejects.toMatchObject({
    code: "permission_denied",
    message: expect.stringContaining("_INBOX_worker"),
  });
});
