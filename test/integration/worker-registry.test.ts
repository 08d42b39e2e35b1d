import { createTestMesh, type TestMesh } from "@umbel/testing";
import type { WorkerState, WorkerStatus } from "@umbel/client";
import { expect, test } from "vitest";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, quick } from "../helpers/tasks.ts";

// What workers tell of themselves, without being asked.

const shared = shareServer();
/** Short, so that its silence shows soon. */
const worker = { modules: [LOOP], ackWait: "1s" } as const;

test("a worker tells what it is, what it holds and what it has done, and is gone when it stops", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const started = await mesh.startWorker({ ...worker, workerName: "ada.1", queues: ["default", "media"] });
  const run = await mesh.client.enqueue(gated, { journal: journal.path });
  await (await mesh.client.enqueue(quick, 1)).result({ timeout: "20s" });
  const seen = await mesh.eventually("it tells of both runs", async () => {
    const found = await mesh.client.workers.get("ada.1");
    return found.held === 1 && found.counts.succeeded === 1 ? found : undefined;
  });
  expect(seen).toMatchObject({
    id: started.id,
    name: "ada.1",
    pid: process.pid,
    node: process.version,
    state: "running",
    queues: ["default", "media"],
    taskCount: seen.tasks.length,
    slots: { loop: { busy: 1, total: 50 } },
    runs: [{ runId: run.id, task: gated.name, queue: "default", attempt: 1 }],
    counts: { started: 2, succeeded: 1, failed: 0 },
  });
  expect(seen.tasks).toContain(quick.name);
  expect(seen.runs[0]?.startedAt).toBeGreaterThan(seen.startedAt);
  expect(seen.memory.rssBytes).toBeGreaterThan(1_000_000);
  await journal.open("all");
  await started.stop();
  expect(await mesh.client.workers.list()).toEqual([]);
});

test("workers are found by their id, their name, their queue and their task", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const first = await mesh.startWorker({ ...worker, workerName: "twin", queues: ["left"] });
  const second = await mesh.startWorker({ ...worker, workerName: "twin", queues: ["right"] });
  const { workers } = mesh.client;
  expect((await workers.get(second.id)).queues).toEqual(["right"]);
  expect((await workers.list({ queue: "left" })).map(({ id }) => id)).toEqual([first.id]);
  expect(await workers.list({ task: "nobody.knows" })).toEqual([]);
  expect(await workers.list({ task: quick.name, state: ["running"] })).toHaveLength(2);
  await expect(workers.get("twin")).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining(second.id),
  });
  await expect(workers.get("twim")).rejects.toMatchObject({
    code: "worker_unknown",
    message: expect.stringContaining('Did you mean "twin"?'),
  });
});

test("a worker that is killed is silent, then lost, and another that stands still comes back", async () => {
  await using mesh = await createTestMesh({ server: shared.url });
  const [killed, still] = await Promise.all([mesh.spawnWorker(worker), mesh.spawnWorker(worker)]);
  expect(await stateOf(mesh, killed.workerId)).toBe("running");
  killed.kill();
  still.kill("SIGSTOP");
  await mesh.eventually("both are lost", async () => {
    const states = [await stateOf(mesh, killed.workerId), await stateOf(mesh, still.workerId)];
    return states.every((state) => state === "lost");
  });
  still.kill("SIGCONT");
  await mesh.eventually("it is there", async () => (await stateOf(mesh, still.workerId)) === "running");
  const lost = await mesh.client.workers.list({ state: "lost" });
  expect(lost.map(({ id }: WorkerStatus) => id)).toEqual([killed.workerId]);
  expect(lost[0]?.ageMs).toBeGreaterThan(1_000);
});

async function stateOf(mesh: TestMesh, id: string): Promise<WorkerState> {
  return (await mesh.client.workers.get(id)).state;
}
