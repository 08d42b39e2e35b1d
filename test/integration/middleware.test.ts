import {
  connect,
  defineMiddleware as defineEnqueueMiddleware,
  type EnqueueMiddleware,
  type Mesh,
} from "@umbel/client";
import { createTestMesh } from "@umbel/testing";
import { defineMiddleware, defineTask, fixed, handle, type AttemptEnd, type Middleware } from "@umbel/worker";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { THREADS } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { spin } from "../helpers/tasks.ts";
import { shareServer } from "../helpers/shared-server.ts";

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const again = { maxAttempts: 2, backoff: fixed(5, { jitter: "none" }) } as const;

const echo = defineTask<unknown>({ name: "test.mw-echo", retry: again });
const parent = defineTask<string, string>({ name: "test.mw-parent", retry: again });
const echoHandler = handle(echo, (input, { headers }) => ({ input, headers }));

describe("middleware around an enqueue", () => {
  test("changes input and headers, sees the handle, and nests in the order of the list", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ handlers: [echoHandler] });
    const steps: string[] = [];
    const layer = (name: string): EnqueueMiddleware =>
      defineEnqueueMiddleware({
        name,
        enqueue: async (call, next) => {
          steps.push(`${name} before ${String(call.inputs)}`);
          const headers = { ...call.options.headers, [`x-${name}`]: "1" };
          const inputs = call.inputs.map((input) => `${String(input)}${name}`);
          const [run] = await next({ ...call, inputs, options: { ...call.options, headers } });
          steps.push(`${name} after ${run?.id === undefined ? "nothing" : "a handle"}`);
        },
      });
    const client = await mesh.connect({ middleware: [layer("a"), layer("b")] });
    const expected = { input: "0ab", headers: { "x-a": "1", "x-b": "1" } };
    expect(await (await client.enqueue(echo, "0")).result(PATIENT)).toEqual(expected);
    expect(steps).toEqual(["a before 0", "b before 0a", "b after a handle", "a after a handle"]);
    expect(await (await client.enqueueByName(echo.name, "0")).result(PATIENT)).toEqual(expected);
  });

  test.each([false, true])("passes once for enqueueMany, atomic: %s", async (atomic) => {
    await using mesh = await createTestMesh({ server: shared.url });
    await mesh.startWorker({ handlers: [echoHandler] });
    const calls: unknown[] = [];
    const layer: EnqueueMiddleware = {
      enqueue: async (call, next) => {
        calls.push({ task: call.task, inputs: call.inputs, bulk: call.bulk });
        await next({ ...call, inputs: call.inputs.map((input) => Number(input) * 2) });
      },
    };
    const client = await mesh.connect({ middleware: [layer] });
    const runs = await client.enqueueMany(echo, new Set([1, 2, 3]), { atomic });
    expect(calls).toEqual([{ task: echo.name, inputs: [1, 2, 3], bulk: true }]);
    const results = await Promise.all(runs.map((run) => run.result(PATIENT)));
    expect(results).toMatchObject([{ input: 2 }, { input: 4 }, { input: 6 }]);
  });

  test.each<[string, EnqueueMiddleware["enqueue"], string]>([
    ["refuses", () => Promise.reject(new TypeError("closed today")), "closed today"],
    ["neither goes on nor throws", async () => undefined, "ended without waiting for next"],
    [
      "goes on with fewer inputs",
      async (call, next) => void (await next({ ...call, inputs: [] })),
      "number of inputs",
    ],
  ])("that %s enqueues nothing", async (_, enqueue, words) => {
    await using mesh = await createTestMesh({ server: shared.url });
    const client = await mesh.connect({ middleware: [{ name: "guard", ...(enqueue && { enqueue }) }] });
    const call = client.enqueue(echo, 1, { runId: "never" });
    await expect(call).rejects.toThrow(words);
    expect(await client.run("never").state()).toBe("unknown");
  });

  test("that goes on twice is refused the second time", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const client = await mesh.connect({
      middleware: [{ name: "twice", enqueue: async (_, next) => void (await next(), await next()) }],
    });
    expect(await rejection(client.enqueue(echo, 1))).toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("called next twice"),
    });
  });

  test("of a worker stands around its handlers' enqueues, whose ids stay their own", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const ids: string[] = [];
    const calls: unknown[] = [];
    const parentHandler = handle(parent, async (input, context) => {
      ids.push((await context.enqueue(echo, input)).id);
      if (context.attempt === 1) throw new Error("once more");
      return ids.at(-1) ?? "";
    });
    await mesh.startWorker({
      handlers: [echoHandler, parentHandler],
      middleware: [
        {
          enqueue: async (call, next) => {
            calls.push({ task: call.task, inputs: call.inputs, parentRunId: call.parentRunId });
            await next({
              ...call,
              inputs: ["changed"],
              options: { ...call.options, runId: `other-${calls.length}` },
            });
          },
        },
      ],
    });
    const run = await mesh.client.enqueue(parent, "in");
    const childId = await run.result(PATIENT);
    expect(ids).toEqual([childId, childId]);
    const call = { task: echo.name, inputs: ["in"], parentRunId: run.id };
    expect(calls).toEqual([call, call]);
    expect(await mesh.client.run(childId).result(PATIENT)).toMatchObject({ input: "changed" });
  });
});

describe("middleware around an execution", () => {
  test("nests in the order of the list, knows its attempt, and shares its async context", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const storage = new AsyncLocalStorage<string>();
    const steps: unknown[] = [];
    const layer = (name: string): Middleware =>
      defineMiddleware({
        name,
        execute: async ({ runId, task, queue, attempt, delivery, start, headers, runsOn }, next) => {
          steps.push({ name, runId, task, queue, attempt, delivery, start, headers, runsOn });
          steps.push([name, await storage.run(`${storage.getStore() ?? ""}${name}`, next)]);
        },
      });
    const handler = handle(echo, () => storage.getStore());
    await mesh.startWorker({ handlers: [handler], middleware: [layer("a"), layer("b")] });
    const run = await mesh.client.enqueue(echo, 1, { headers: { "x-a": "1" } });
    expect(await run.result(PATIENT)).toBe("ab");
    const context = { runId: run.id, task: echo.name, queue: "default", attempt: 1, delivery: 1, start: 1 };
    const seen = { ...context, headers: { "x-a": "1" }, runsOn: "loop" };
    const end = { kind: "returned" };
    expect(steps).toEqual([{ name: "a", ...seen }, { name: "b", ...seen }, ["b", end], ["a", end]]);
  });

  test("stands around handlers on threads", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using journal = await createJournal();
    const ends: AttemptEnd[] = [];
    await mesh.startWorker({
      modules: [THREADS],
      threads: 1,
      middleware: [
        { execute: async ({ runsOn }, next) => void (runsOn === "thread" && ends.push(await next())) },
      ],
    });
    await (await mesh.client.enqueue(spin, { journal: journal.path, ms: 1 })).result(PATIENT);
    const spoilt = await mesh.client.enqueue(
      spin,
      { journal: "/nowhere/at/all", ms: 1 },
      { retry: { maxAttempts: 1 } },
    );
    await spoilt.outcome(PATIENT);
    expect(ends).toMatchObject([
      { kind: "returned" },
      { kind: "threw", error: { message: expect.any(String) } },
    ]);
  });

  test.each<[string, Middleware["execute"], [words: string, executions: number]]>([
    ["throws before the handler", () => Promise.reject(new TypeError("not today")), ["not today", 1]],
    [
      "throws after the handler",
      (_, next) => next().then(() => Promise.reject(new TypeError("too late"))),
      ["too late", 2],
    ],
    ["does not go on", async () => undefined, ["ended without waiting for next", 0]],
    ["goes on twice", async (_, next) => void (await next(), await next()), ["called next twice", 1]],
  ])("that %s fails the attempt", async (_, execute, [words, executions]) => {
    await using mesh = await createTestMesh({ server: shared.url });
    let handled = 0;
    const handler = handle(echo, () => (handled += 1));
    const once: Middleware["execute"] = (context, next) =>
      context.attempt === 1 && execute !== undefined ? execute(context, next) : next().then(() => undefined);
    await mesh.startWorker({ handlers: [handler], middleware: [{ name: "guard", execute: once }] });
    const run = await mesh.client.enqueue(echo, 1);
    const outcome = await run.outcome(PATIENT);
    // Called wrongly, a middleware is no passing fault.
    expect(outcome.state).toBe(words.includes("next") ? "failed" : "succeeded");
    expect(outcome.errors[0]?.error.message).toContain(words);
    expect(handled).toBe(executions);
  });

  test("cannot make a success of a failure, nor change a result", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const ends: AttemptEnd[] = [];
    const handler = handle(echo, (input) => {
      if (input === "bad") throw new RangeError("bad input");
      return input;
    });
    await mesh.startWorker({
      handlers: [handler],
      middleware: [{ execute: async (_, next) => void ends.push(await next()) }],
    });
    const bad = await mesh.client.enqueue(echo, "bad", { retry: { maxAttempts: 1 } });
    expect(await bad.outcome(PATIENT)).toMatchObject({ state: "failed" });
    expect(ends).toMatchObject([{ kind: "threw", error: { name: "RangeError", message: "bad input" } }]);
    expect(await (await mesh.client.enqueue(echo, "good")).result(PATIENT)).toBe("good");
  });

  test("that ignores the end of its attempt is left behind, and the slot is free", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    const never = new Promise<void>(() => undefined);
    await mesh.startWorker({
      handlers: [echoHandler],
      concurrency: 1,
      abortGrace: "50ms",
      middleware: [
        { execute: (context, next) => (context.attempt === 1 ? never : next().then(() => undefined)) },
      ],
    });
    const run = await mesh.client.enqueue(echo, 1, { timeout: "100ms" });
    const outcome = await run.outcome(PATIENT);
    expect(outcome).toMatchObject({ state: "succeeded", attempt: 2 });
    expect(outcome.errors[0]?.error.code).toBe("attempt_timeout");
    expect(await mesh.log.waitFor("handler.ignored_abort")).toMatchObject({
      runId: run.id,
      reason: "timeout",
    });
  });
});

describe("a wrong middleware", () => {
  test.each<[unknown]>([[{}], [["x"]], [[{ execute: "x" }]], [[{ enqueue: 1 }]]])(
    "%o is refused",
    async (middleware) => {
      const call = async (): Promise<Mesh> => Reflect.apply(connect, undefined, [{ middleware }]);
      expect(await rejection(call())).toMatchObject({
        code: "invalid_argument",
        details: { field: "middleware" },
      });
    },
  );

  test("field is named, with the one that was meant", () => {
    const define = (): unknown =>
      Reflect.apply(defineMiddleware, undefined, [{ exeucte: async () => undefined }]);
    expect(define).toThrow('Did you mean "execute"?');
  });
});
