import { readFileSync } from "node:fs";
import { connect, type Mesh } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { defineTask, fixed, handle, startWorker, UmbelError, type Worker } from "@umbel/worker";
import { silentLogger } from "@umbel/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";

const permissions = readFileSync(new URL("../../deploy/nats/permissions.conf", import.meta.url), "utf8");
const double = defineTask<number, number>({ name: "double" });
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
    handlers: [doubleHandler, keyedParentHandler, flakyHandler],
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

test("an operator cancels, a producer may not", async () => {
  const run = await producer.enqueue(double, 1, { delay: "1h" });
  await expect(run.cancel()).rejects.toSatisfy((error) => UmbelError.is(error, "permission_denied"));
  expect(await run.state()).toBe("scheduled");
  expect(await operator.run(run.id).cancel()).toEqual({ cancelled: true });
  expect(await run.state()).toBe("cancelled");
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
