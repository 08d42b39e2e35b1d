import { TaskFailed } from "@umbel/client";
import { createTestMesh, type TestMesh, type WorkerProcess } from "@umbel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP, THREADS } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { echo, listen, mishap, spin, spinForever } from "../helpers/tasks.ts";

// Promise 4: a CPU-bound handler on a thread never stops the worker's heartbeat, pulls or cancels, and a hard
// timeout really kills it.

const PATIENT = { timeout: "60s" } as const;
let journal: Journal;
let mesh: TestMesh;
let worker: WorkerProcess;

beforeAll(async () => {
  journal = await createJournal();
  mesh = await createTestMesh();
  worker = await mesh.spawnWorker({
    modules: [LOOP, THREADS],
    queues: ["default", "cpu"],
    threads: 1,
    ackWait: "1s",
    abortGrace: "200ms",
    // A thread that runs out of memory shall do so soon.
    env: { NODE_OPTIONS: "--max-old-space-size=64" },
  });
});
afterAll(async () => {
  await mesh.close();
  await journal[Symbol.asyncDispose]();
});

const started = (runId: string): Promise<true> =>
  mesh.eventually(`run ${runId} has started`, () => journal.starts(runId).length > 0);

async function expectAFreeSlot(): Promise<void> {
  const run = await mesh.client.enqueue(spin, { journal: journal.path, ms: 1 });
  expect(await run.result(PATIENT)).toBe(worker.pid);
}

describe("a handler that computes without a break", () => {
  test("for three ack-waits is delivered once, and runs on the loop go on meanwhile", async () => {
    const computing = await mesh.client.enqueue(spin, { journal: journal.path, ms: 3_000 });
    await started(computing.id);
    for (const value of [1, 2, 3]) {
      const run = await mesh.client.enqueue(echo, { journal: journal.path, value });
      expect(await run.result(PATIENT)).toBe(value);
    }
    expect(journal.ends(computing.id)).toEqual([]);
    expect(await computing.result(PATIENT)).toBe(worker.pid);
    expect(journal.starts(computing.id)).toMatchObject([{ delivery: 1, attempt: 1 }]);
  });

  test("for ever is killed by its timeout, and its slot is free again", async () => {
    const run = await mesh.client.enqueue(spinForever, { journal: journal.path }, { timeout: "300ms" });
    const error = await rejection(run.result(PATIENT));
    expect(error).toBeInstanceOf(TaskFailed);
    expect(error).toMatchObject({ code: "run_failed", error: { code: "attempt_timeout" } });
    expect(await worker.log.waitFor("thread.killed", ({ runId }) => runId === run.id)).toMatchObject({
      reason: "timeout",
    });
    await expectAFreeSlot();
  });

  test("hears a cancel: its thread is killed, and its slot is free again", async () => {
    const run = await mesh.client.enqueue(spinForever, { journal: journal.path });
    await started(run.id);
    expect(await run.cancel({ reason: "enough" })).toEqual({ cancelled: true });
    expect(await rejection(run.result(PATIENT))).toMatchObject({ code: "run_cancelled" });
    expect(await worker.log.waitFor("thread.killed", ({ runId }) => runId === run.id)).toMatchObject({
      reason: "cancelled",
    });
    await expectAFreeSlot();
    expect(journal.starts(run.id)).toHaveLength(1);
  });
});

test("the signal of a handler on a thread aborts when its run is cancelled, and its thread lives on", async () => {
  const run = await mesh.client.enqueue(listen, { journal: journal.path, ms: 60_000 });
  await started(run.id);
  await run.cancel();
  await mesh.eventually("the handler has heard it", () =>
    journal.entries.some(({ what, runId }) => what === "aborted" && runId === run.id),
  );
  await expectAFreeSlot();
  expect(worker.log.of("thread.killed").filter(({ runId }) => runId === run.id)).toEqual([]);
});

describe("a handler that takes its thread down is charged for it, and the worker goes on:", () => {
  test.each([
    { how: "exit", expected: { code: "thread_crashed" } },
    { how: "memory", expected: { code: "thread_crashed" } },
    { how: "late-throw", expected: { code: "thread_crashed" } },
    { how: "throw-text", expected: { message: "just text" } },
    { how: "throw-nothing", expected: { message: "undefined" } },
  ] as const)("$how", async ({ how, expected }) => {
    const run = await mesh.client.enqueue(mishap, { journal: journal.path, how });
    const error = await rejection(run.result(PATIENT));
    if (!(error instanceof TaskFailed)) throw error;
    expect(error.errors.map(({ attempt }) => attempt)).toEqual([1, 2]);
    for (const { error: thrown } of error.errors) expect(thrown).toMatchObject(expected);
    expect(journal.starts(run.id)).toHaveLength(2);
    await expectAFreeSlot();
  });
});
