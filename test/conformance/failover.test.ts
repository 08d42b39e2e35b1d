import { connectBroker, Publisher, type BrokerConnection } from "@umbel/broker";
import { startCluster, type LocalCluster, type LocalServer } from "@umbel/nats-server";
import { eventually } from "@umbel/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshMesh, freshMeshName } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { firstPublish, runIds, storedRuns } from "./helpers/runs.ts";
import { finishSoon, TestWorker } from "./helpers/test-worker.ts";

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

const RUNS = 3_000;
/** An election may take seven seconds. */
const PATIENT = { timeoutMs: 40_000 };

test("when the leader of the tasks dies while runs are published, each is stored exactly once", async () => {
  await using mesh = await freshMesh({ urls: cluster.urls, replicas: 3 });
  using publisher = new Publisher(mesh.connection, { maxInFlight: 100 });
  const outcomes: string[] = [];
  for (const id of runIds("run", RUNS)) submitRun(publisher, mesh.name, { id, outcomes });
  await eventually("some are stored", () => outcomes.length > RUNS / 6, { everyMs: 1 });
  const leader = await leaderOf(mesh.connection);
  await leader.kill();
  expect(publisher.pending).toBeGreaterThan(0);
  await eventually("all are answered", () => outcomes.length === RUNS, PATIENT);
  expect(new Set(outcomes)).toEqual(new Set(["stored"]));
  await eventually("all are there", async () => (await storedRuns(mesh.connection)) === RUNS, PATIENT);
  await leader.restart();
  await cluster.ready();
});

test("when the leader of the tasks dies while runs are pulled, the pullers go on until all are done", async () => {
  await using mesh = await freshMesh({ urls: cluster.urls, replicas: 3 }, { ackWaitMs: 3_000 });
  await Promise.all(runIds("run", RUNS).map((id) => mesh.publisher.publish(firstPublish(mesh.name, id))));
  const workers = await Promise.all(
    cluster.urls.map(async (servers) => {
      const connection = await mesh.connect({ servers: [servers, ...cluster.urls] });
      return new TestWorker(connection, { slots: 4, onRun: finishSoon });
    }),
  );
  const begun = (): Set<string> => new Set(workers.flatMap((worker) => worker.runIds));
  await eventually("some have begun", () => begun().size > RUNS / 6);
  const leader = await leaderOf(mesh.connection);
  await leader.kill();
  expect(begun().size).toBeLessThan(RUNS);
  await eventually("all have begun", () => begun().size === RUNS, PATIENT);
  await eventually("all are done", async () => (await storedRuns(mesh.connection)) === 0, PATIENT);
  expect(workers.map(({ puller }) => puller.deaf)).toEqual([false, false, false]);
  await leader.restart();
  await cluster.ready();
});

test("a cluster that has lost its majority is unavailable for now, not without JetStream", async () => {
  // One that led would not notice for a while that nobody follows it any more.
  const leader = await metaLeader();
  const [survivor, ...others] = cluster.servers.toSorted(
    (left, right) => Number(left.name === leader) - Number(right.name === leader),
  );
  await Promise.all(others.map((server) => server.kill()));
  const connecting = connectBroker({ servers: survivor?.url ?? "", mesh: freshMeshName() });
  await expect(rejection(connecting)).resolves.toMatchObject({ code: "broker_unavailable", retryable: true });
  await Promise.all(others.map((server) => server.restart()));
  await cluster.ready();
  await using connection = await connectBroker({ servers: cluster.urls, mesh: freshMeshName() });
  expect(connection.connected).toBe(true);
});

async function metaLeader(): Promise<unknown> {
  const response = await fetch(`${cluster.servers[0]?.monitorUrl}/jsz`);
  const report: unknown = await response.json();
  expect(report).toMatchObject({ meta_cluster: { leader: expect.any(String) } });
  const group: unknown = Object(report)["meta_cluster"];
  return Object(group)["leader"];
}

async function leaderOf({ manager, streams }: BrokerConnection): Promise<LocalServer> {
  const { cluster: group } = await manager.streams.info(streams.tasks);
  const leader = cluster.servers.find(({ name }) => name === group?.leader);
  if (leader === undefined) throw new Error(`no server is the leader ${group?.leader}`);
  return leader;
}

function submitRun(
  publisher: Publisher,
  mesh: string,
  { id, outcomes }: { id: string; outcomes: string[] },
): void {
  publisher.submit({
    ...firstPublish(mesh, id),
    onStored: () => outcomes.push("stored"),
    // An id that is taken after a repeat was taken by our own first try.
    onRefused: ({ code, message }, repeated) =>
      outcomes.push(repeated && code === "conflict" ? "stored" : message),
  });
}
