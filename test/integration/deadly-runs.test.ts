import { createTestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { blockOnce, exit, hoard, nativeAbort, threadOf } from "../helpers/life-tasks.ts";
import { LIFE } from "../helpers/modules.ts";
import { rejection } from "../helpers/rejection.ts";
import { shareServer } from "../helpers/shared-server.ts";

// What a handler does to its thread or its process is charged to its run, and its queue flows on.

const shared = shareServer();
const PATIENT = { timeout: "50s" } as const;
const deadly = { modules: [LIFE], queues: ["deadly", "deadly-cpu"], threads: 1, ackWait: "1s" } as const;

describe("a handler that ends its process", () => {
  test.each([
    { how: "process.exit() on the loop", task: exit, ending: { code: 7, signal: undefined } },
    { how: "a native abort on a thread", task: nativeAbort, ending: { code: undefined, signal: "SIGABRT" } },
  ] as const)("by $how: its successor goes on", async ({ task, ending }) => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const first = await mesh.spawnWorker(deadly);
    const run = await mesh.client.enqueue(task, { journal: journal.path, times: 1 });
    expect(await first.exited).toEqual(ending);
    await mesh.spawnWorker(deadly);
    expect(await run.result(PATIENT)).toBe(2);
    expect(journal.starts(run.id).map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test("again and again is a dead letter after the limit, and no sooner", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const options = { ...deadly, crashLoopLimit: 1 };
    const run = await mesh.client.enqueue(exit, { journal: journal.path, times: 10 });
    // The first start of a run leaves no record; the second one does, and is the one that is counted.
    for (let worker = 1; worker <= 2; worker++) {
      const { exited } = await mesh.spawnWorker(options);
      expect(await exited).toEqual({ code: 7, signal: undefined });
    }
    const last = await mesh.spawnWorker(options);
    expect(await rejection(run.result(PATIENT))).toMatchObject({
      code: "run_failed",
      error: { code: "crash_loop" },
    });
    expect(journal.starts(run.id)).toHaveLength(2);
    const letters = await mesh.eventually("its dead letter is kept", async () => {
      const kept = await mesh.deadLetters();
      return kept.length > 0 && kept;
    });
    expect(letters).toMatchObject([{ runId: run.id, letter: { reason: "crash-loop" } }]);
    last.kill("SIGTERM");
    expect(await last.exited).toEqual({ code: 0, signal: undefined });
  });
});

test("a thread that reaches its memory limit fails its run by that name, and no other pays for it", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const worker = await mesh.startWorker({
    modules: [LIFE],
    queues: ["life-cpu"],
    threads: 2,
    threadMemory: { maxOldGenerationMb: 48 },
  });
  const neighbour = await mesh.client.enqueue(threadOf, { journal: journal.path, ms: 3_000 });
  const run = await mesh.client.enqueue(hoard, { journal: journal.path });
  const message: unknown = expect.stringContaining("memory limit");
  expect(await rejection(run.result(PATIENT))).toMatchObject({
    code: "run_failed",
    errors: [1, 2].map((attempt) => ({ attempt, error: { code: "thread_crashed", message } })),
  });
  expect(await neighbour.result(PATIENT)).toBeGreaterThan(0);
  expect(journal.starts(neighbour.id)).toHaveLength(1);
  await mesh.eventually("nothing is held", () => worker.info().runs.length === 0);
  expect(worker.info()).toMatchObject({ threads: { total: 2, busy: 0 } });
});

test("a handler that blocks the loop loses its run to another worker, and its late outcome is refused", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const options = { ...deadly, health: { port: 0 } };
  const blocked = await mesh.spawnWorker(options);
  const run = await mesh.client.enqueue(blockOnce, { journal: journal.path, ms: 6_000 });
  await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
  const other = await mesh.spawnWorker(deadly);
  // Whoever asks whether it lives gets no answer: that is what an orchestrator restarts it for.
  const asked = fetch(`${blocked.healthUrl}/livez`, { signal: AbortSignal.timeout(500) });
  await expect(asked).rejects.toThrow("timeout");
  await mesh.eventually("it has started elsewhere", () =>
    journal.starts(run.id).some(({ pid }) => pid === other.pid),
  );
  expect(await run.result(PATIENT)).toBe(other.pid);
  await blocked.log.waitFor("run.refused", ({ runId }) => runId === run.id);
  // Awake again, it takes runs as before.
  other.kill("SIGTERM");
  await other.exited;
  const next = await mesh.client.enqueue(exit, { journal: journal.path, times: 0 });
  expect(await next.result(PATIENT)).toBe(1);
  expect(journal.starts(next.id)).toMatchObject([{ pid: blocked.pid }]);
});
