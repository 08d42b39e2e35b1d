import { createTestMesh, type TestMesh, type WorkerProcess } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { stray, strayAfter } from "../helpers/life-tasks.ts";
import { LIFE, LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated } from "../helpers/tasks.ts";

// An error on the loop that nobody catches: charged to its run, and its neighbours do not pay for it.

const shared = shareServer();
const PATIENT = { timeout: "40s" } as const;
const worker = { modules: [LIFE, LOOP], queues: ["stray", "default"], ackWait: "2s" } as const;

async function startNeighbour(
  mesh: TestMesh,
  journal: Journal,
): Promise<{ readonly runId: string; readonly process: WorkerProcess }> {
  const process = await mesh.spawnWorker(worker);
  const { id: runId } = await mesh.client.enqueue(gated, { journal: journal.path });
  await mesh.eventually("the neighbour has started", () => journal.starts(runId).length === 1);
  return { runId, process };
}

describe("an error that nobody catches, from what a handler has set going:", () => {
  test.each(["promise", "timer", "listener", "late-promise"] as const)("a %s", async (how) => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const { runId, process: first } = await startNeighbour(mesh, journal);
    const run = await mesh.client.enqueue(stray, { journal: journal.path, how });
    expect(await first.log.waitFor("worker.crashed")).toMatchObject({ runId: run.id, charged: true });
    // The neighbour ends in its own time, and what it came to is stored.
    await journal.open(runId);
    expect(await mesh.client.run(runId).result(PATIENT)).toBe(first.pid);
    expect(await first.exited).toEqual({ code: 1, signal: undefined });
    expect(journal.starts(runId)).toHaveLength(1);
    const again = await mesh.spawnWorker(worker);
    expect(await mesh.waitForState(run.id, "failed")).toMatchObject({
      errors: [1, 2].map((attempt) => ({
        attempt,
        error: { code: "handler_failed", cause: { message: `stray ${how}` } },
      })),
    });
    expect(await again.exited).toEqual({ code: 1, signal: undefined });
  });

  test("after its end: the run keeps its outcome, and the worker ends in order", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const first = await mesh.spawnWorker(worker);
    const run = await mesh.client.enqueue(strayAfter, { journal: journal.path });
    expect(await run.result(PATIENT)).toBe("done");
    expect(await first.log.waitFor("worker.crashed")).toMatchObject({ runId: run.id, charged: false });
    expect(await first.exited).toEqual({ code: 1, signal: undefined });
  });
});

test("an error that is no run's ends the process at once; its runs start elsewhere", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const { runId, process: first } = await startNeighbour(mesh, journal);
  const run = await mesh.client.enqueue(stray, { journal: journal.path, how: "background" });
  expect(await first.exited).toEqual({ code: 1, signal: undefined });
  const line = await first.log.waitFor("worker.crashed");
  expect(line).toMatchObject({ charged: false });
  expect(line).not.toHaveProperty("runId");
  expect(line["runIds"]).toEqual(expect.arrayContaining([runId, run.id]));
  await mesh.client.run(run.id).cancel();
  const other = await mesh.spawnWorker(worker);
  await journal.open(runId);
  expect(await mesh.client.run(runId).result(PATIENT)).toBe(other.pid);
});
