import { provisionConsumers } from "@umbel/broker";
import { consumerName, streamNames } from "@umbel/protocol";
import { createTestMesh, type TestMesh, type WorkerProcess } from "@umbel/testing";
import { describe, expect, test } from "vitest";
import { connectTo } from "../helpers/consumers.ts";
import { createJournal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { shareServer } from "../helpers/shared-server.ts";
import { gated, quick } from "../helpers/tasks.ts";

// Promise 7: a worker that gets no work knows whether there is none.

const shared = shareServer();
const PATIENT = { timeout: "60s" } as const;
const worker = { modules: [LOOP], ackWait: "2s", health: { port: 0 } } as const;

async function statusOf({ healthUrl }: Pick<WorkerProcess, "healthUrl">, path: string): Promise<number> {
  return (await fetch(`${healthUrl}${path}`)).status;
}

async function expectRunsToFlow(mesh: TestMesh): Promise<void> {
  const runs = await mesh.client.enqueueMany(quick, [1, 2, 3]);
  expect(await Promise.all(runs.map((run) => run.result(PATIENT)))).toEqual([1, 2, 3]);
}

describe("a server that is killed and comes back", () => {
  test("under an idle worker is not ready and not dead meanwhile, and runs flow again", async () => {
    await using mesh = await createTestMesh();
    const idle = await mesh.spawnWorker(worker);
    expect([await statusOf(idle, "/readyz"), await statusOf(idle, "/livez")]).toEqual([200, 200]);
    await mesh.server.kill();
    await mesh.eventually("the worker is not ready", async () => (await statusOf(idle, "/readyz")) === 503);
    expect(await (await fetch(`${idle.healthUrl}/readyz`)).text()).toContain("not connected");
    expect(await statusOf(idle, "/livez")).toBe(200);
    await mesh.server.restart();
    await expectRunsToFlow(mesh);
    await mesh.eventually("the worker is ready", async () => (await statusOf(idle, "/readyz")) === 200);
    await idle.log.waitFor("broker.disconnected");
    await idle.log.waitFor("broker.reconnected");
  });

  test("under a busy worker does not lose what it executes", async () => {
    await using journal = await createJournal();
    await using mesh = await createTestMesh();
    const busy = await mesh.spawnWorker({ ...worker, ackWait: "10s" });
    const inputs = Array.from({ length: 5 }, () => ({ journal: journal.path }));
    const runs = await mesh.client.enqueueMany(gated, inputs);
    await mesh.eventually("all have started", () => journal.starts().length === 5);
    await mesh.server.kill();
    // Their outcomes come while there is nowhere to store them.
    await journal.open("all");
    await mesh.eventually("all have ended", () => journal.ends().length === 5);
    await mesh.server.restart();
    const results = await Promise.all(runs.map((run) => run.result(PATIENT)));
    expect(results).toEqual(runs.map(() => busy.pid));
    await expectRunsToFlow(mesh);
    // A server that was killed may have forgotten whom it gave a run to: executed again, it has one outcome still.
    expect(new Set(journal.starts().map(({ runId }) => runId)).size).toBe(5);
  });
});

test("a server that goes silent makes its worker rebuild its pulls, and then call itself not live", async () => {
  await using mesh = await createTestMesh();
  const waiting = await mesh.spawnWorker(worker);
  await expectRunsToFlow(mesh);
  process.kill(mesh.server.pid, "SIGSTOP");
  try {
    await waiting.log.waitFor("consumer.deaf");
    await mesh.eventually("it is not live", async () => (await statusOf(waiting, "/livez")) === 503);
    expect(await (await fetch(`${waiting.healthUrl}/livez`)).text()).toContain("pull requests");
  } finally {
    process.kill(mesh.server.pid, "SIGCONT");
  }
  await expectRunsToFlow(mesh);
  await mesh.eventually("it is live again", async () => (await statusOf(waiting, "/livez")) === 200);
});

describe("what the worker pulls from", () => {
  test("is made again when somebody deletes it", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    const started = await mesh.startWorker({ modules: [LOOP] });
    await expectRunsToFlow(mesh);
    const stream = streamNames(mesh.name).tasks;
    for (const priority of ["high", "normal", "low"] as const) {
      await connection.manager.consumers.delete(stream, consumerName("default", priority));
    }
    await expectRunsToFlow(mesh);
    expect(started.unreadyReason).toBeUndefined();
  });

  test("may be changed by another worker with another ack-wait", async () => {
    await using mesh = await createTestMesh({ server: shared.url });
    await using connection = await connectTo(mesh);
    await mesh.startWorker({ modules: [LOOP], ackWait: "30s" });
    await provisionConsumers(connection, "default", 5_000);
    const run = await mesh.client.enqueue(quick, 4);
    expect(await run.result(PATIENT)).toBe(4);
  });
});
