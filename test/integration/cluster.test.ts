import { findRunMessage } from "@umbel/broker";
import { connect, type RunHandle } from "@umbel/client";
import { createTestMesh, type TestMesh } from "@umbel/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo, openRuns } from "../helpers/consumers.ts";
import { createJournal, type Journal } from "../helpers/journal.ts";
import { LOOP } from "../helpers/modules.ts";
import { echo, quick } from "../helpers/tasks.ts";

// Promises 1, 2 and 7 on three servers, each of which is killed once.

const PATIENT = { timeout: "60s" } as const;
let mesh: TestMesh;
let journal: Journal;
beforeAll(async () => {
  journal = await createJournal();
  mesh = await createTestMesh({ servers: 3 });
});
afterAll(async () => {
  await mesh.close();
  await journal[Symbol.asyncDispose]();
});

test("the receipt says that the loss of a server is survived", async () => {
  const run = await mesh.client.enqueue(quick, 1, { queue: "nobody" });
  expect(run.receipt).toMatchObject({
    storage: "file",
    replicas: 3,
    survives: ["server-restart", "server-loss"],
    existed: false,
  });
});

test("a chosen id that many enqueue at once is stored, and told to be new once", async () => {
  const clients = await Promise.all(
    Array.from({ length: 4 }, () => connect({ servers: mesh.urls, mesh: mesh.name })),
  );
  const ids = Array.from({ length: 50 }, (_, index) => `chosen-${index}`);
  const runs = await Promise.all(
    ids.flatMap((runId) => clients.map((client) => client.enqueue(quick, 1, { queue: "chosen", runId }))),
  );
  const fresh = runs.filter(({ receipt }) => receipt?.existed === false).map(({ id }) => id);
  expect(fresh.toSorted()).toEqual(ids.toSorted());
  await using connection = await connectTo(mesh);
  const found = await Promise.all(ids.map((runId) => findRunMessage(connection, runId)));
  expect(found.filter((message) => message === undefined)).toEqual([]);
  await Promise.all(ids.map((runId) => mesh.client.run(runId).cancel()));
  await Promise.all(clients.map((client) => client.close()));
});

test("while each server is killed and comes back, no acknowledged run is lost, and each has one outcome", async () => {
  await mesh.startWorker({ modules: [LOOP], ackWait: "2s" });
  const acknowledged = new Map<number, RunHandle<unknown>>();
  const stop = new AbortController();
  const produce = async (): Promise<void> => {
    for (let value = 0; !stop.signal.aborted; value++) {
      const run = await mesh.client.enqueue(echo, { journal: journal.path, value }).catch(() => undefined);
      if (run !== undefined) acknowledged.set(value, run);
    }
  };
  const producing = produce();
  for (const server of mesh.cluster.servers) {
    const before = acknowledged.size;
    await mesh.eventually("runs are enqueued", () => acknowledged.size > before + 20);
    await server.kill();
    const without = acknowledged.size;
    await mesh.eventually("runs are enqueued without it", () => acknowledged.size > without + 20);
    await server.restart();
    await mesh.cluster.ready();
  }
  stop.abort();
  await producing;
  const results = await Promise.all(
    [...acknowledged].map(async ([value, run]) => [value, await run.result(PATIENT)]),
  );
  expect(results).toEqual([...acknowledged.keys()].map((value) => [value, value]));
  await using connection = await connectTo(mesh);
  await mesh.eventually(
    "only the one of another queue waits",
    async () => (await openRuns(connection)) === 1,
  );
  expect(await mesh.deadLetters()).toEqual([]);
});
