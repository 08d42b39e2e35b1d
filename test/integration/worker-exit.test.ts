import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { consumerName } from "@umbel/protocol";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { stray } from "../helpers/life-tasks.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, hang } from "../helpers/tasks.ts";

// Promise 8 where it is hardest: the worker ends within its grace, and its exit code says whether it left something.

const shared = shareServer();
const PATIENT = { timeout: "40s" } as const;
const worker = { modules: [LOOP], ackWait: "2s", drainTimeout: "500ms", abortGrace: "500ms" } as const;
/** Drain timeout, abort grace, one second each for hand-backs and farewell; and what a busy machine takes. */
const LONGEST_STOP_MS = 500 + 500 + 1_000 + 1_000 + 2_000;

describe("SIGTERM while the broker", () => {
  test("is gone: a worker that holds a run says which, and ends with 1; the run starts elsewhere", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh();
    const holding = await mesh.spawnWorker(worker);
    const run = await mesh.client.enqueue(gated, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    await mesh.server.kill();
    await holding.log.waitFor("broker.disconnected");
    holding.kill("SIGTERM");
    expect(await holding.exited).toEqual({ code: 1, signal: undefined });
    expect(holding.log.of("worker.left_runs")).toMatchObject([{ runIds: [run.id] }]);
    const [stopped] = holding.log.of("worker.stopped");
    expect(stopped?.["durationMs"]).toBeLessThan(LONGEST_STOP_MS);

    await mesh.server.restart();
    const other = await mesh.spawnWorker(worker);
    await journal.open("all");
    expect(await run.result(PATIENT)).toBe(other.pid);
  });

  test("is gone: a worker that holds nothing ends with 0", async () => {
    await using mesh = await createTestMesh();
    const idle = await mesh.spawnWorker(worker);
    await mesh.server.kill();
    await idle.log.waitFor("broker.disconnected");
    idle.kill("SIGTERM");
    expect(await idle.exited).toEqual({ code: 0, signal: undefined });
    expect(idle.log.of("worker.left_runs")).toEqual([]);
    await mesh.server.restart();
  });

  test("is silent: a worker that holds a run ends with 1 within its grace", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh();
    const holding = await mesh.spawnWorker(worker);
    const run = await mesh.client.enqueue(hang, { journal: journal.path });
    await mesh.eventually("it has started", () => journal.starts(run.id).length === 1);
    process.kill(mesh.server.pid, "SIGSTOP");
    try {
      holding.kill("SIGTERM");
      expect(await holding.exited).toEqual({ code: 1, signal: undefined });
    } finally {
      process.kill(mesh.server.pid, "SIGCONT");
    }
    expect(holding.log.of("worker.left_runs")).toMatchObject([{ runIds: [run.id] }]);
    const [stopped] = holding.log.of("worker.stopped");
    expect(stopped?.["durationMs"]).toBeLessThan(LONGEST_STOP_MS);
  });
});

test("Ctrl-C twice ends a worker with 0 when all is handed back, however long it might have drained", async () => {
  await using journal = await createJournal();
  await using mesh = await createTestMesh({ server: shared.url });
  const hurried = await mesh.spawnWorker({ ...worker, ackWait: "2m", drainTimeout: "10m" });
  const runs = await mesh.client.enqueueMany(gated, [
    { journal: journal.path },
    { journal: journal.path, deaf: true },
  ]);
  await mesh.eventually("both have started", () => journal.starts().length === 2);
  hurried.kill("SIGINT");
  await hurried.log.waitFor("worker.stopping");
  hurried.kill("SIGINT");
  expect(await hurried.exited).toEqual({ code: 0, signal: undefined });
  const other = await mesh.spawnWorker(worker);
  await journal.open("all");
  expect(await Promise.all(runs.map((run) => run.result(PATIENT)))).toEqual([other.pid, other.pid]);
});

describe("two workers in one process end it together, once both have drained,", () => {
  const program = fileURLToPath(new URL("../helpers/worker-pair.ts", import.meta.url));

  test.each([
    { cause: "a signal", code: 0 },
    { cause: "an error that nobody caught", code: 1 },
  ])("after $cause", async ({ cause, code }) => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh({ server: shared.url });
    const pair = spawn(process.execPath, [...process.execArgv, program, mesh.url, mesh.name], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const exited = once(pair, "exit");
    const held = await mesh.client.enqueue(gated, { journal: journal.path });
    await mesh.eventually("one holds a run", () => journal.starts(held.id).length === 1);
    if (cause === "a signal") pair.kill("SIGTERM");
    else
      await mesh.client.enqueue(
        stray,
        { journal: journal.path, how: "timer" },
        { retry: { maxAttempts: 1 } },
      );
    // The other one holds nothing, has stopped by now, and must not have taken this one with it.
    await mesh.eventually("the other one is gone", async () => (await idleWorkers(mesh)) === 0);
    await journal.open("all");
    expect(await held.result(PATIENT)).toBe(pair.pid);
    expect(await exited).toEqual([code, null]);
  });
});

/** How many workers wait for runs of the queue `stray`. */
async function idleWorkers(mesh: TestMesh): Promise<number> {
  await using connection = await connectTo(mesh);
  const consumer = consumerName("stray", "normal");
  return (await connection.manager.consumers.info(connection.streams.tasks, consumer)).num_waiting;
}
