import { eventually } from "@umbel/runtime";
import { expect, test } from "vitest";
import { type LocalCluster, type LocalServer, startCluster } from "../src/index.ts";
import { storeMessage, storedMessages } from "./helpers/nats-request.ts";
import { guardsOf, isRunning } from "./helpers/processes.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";

// A cluster on a busy machine may take several seconds to choose a leader.
const PATIENT = { timeoutMs: 30_000 };

function member({ servers }: LocalCluster, index: number): LocalServer {
  const server = servers[index];
  if (server === undefined) throw new Error(`the cluster has no server ${index}`);
  return server;
}

test("three servers replicate, and each can be killed and restarted on its own", async () => {
  await using cluster = await startCluster();
  expect(cluster.urls).toEqual(cluster.servers.map(({ port }) => `nats://127.0.0.1:${port}`));
  expect(cluster.servers.map(({ name }) => name)).toEqual(["umbel-1", "umbel-2", "umbel-3"]);
  expect(new Set(cluster.servers.map(({ storeDir }) => storeDir)).size).toBe(3);
  const [first, second] = [member(cluster, 0), member(cluster, 1)];

  await storeMessage(first.port, 3);
  const { port } = second;
  await second.kill();
  expect(await isRunning(second.pid)).toBe(false);
  await eventually("the others go on", async () => (await storedMessages(first.port)) === 1, PATIENT);
  await second.restart();
  await cluster.ready();
  expect(second.port).toBe(port);
  await eventually("it is there again", async () => (await storedMessages(port)) === 1, PATIENT);
});

test("a cluster's stores are kept where they were given, and none of it is left running", async () => {
  await using folder = await temporaryFolder();
  const first = await startCluster({ size: 2, storeDir: folder.path, clusterName: "pair" });
  await storeMessage(member(first, 0).port, 2);
  await first.stop();
  for (const { pid } of first.servers) expect(await isRunning(pid)).toBe(false);
  expect(await guardsOf(process.pid)).toEqual([]);

  await using second = await startCluster({ size: 2, storeDir: folder.path, clusterName: "pair" });
  const port = member(second, 1).port;
  await eventually("the stream is there", async () => (await storedMessages(port)) === 1, PATIENT);
});

test("a cluster that cannot start leaves nothing running and says why", async () => {
  await expect(startCluster({ extraConfig: "no_such_setting: 1" })).rejects.toMatchObject({
    code: "server_failed",
    message: expect.stringContaining("no_such_setting"),
  });
  expect(await guardsOf(process.pid)).toEqual([]);
});

test.each([1, 10, 2.5])("a cluster of %d is refused", async (size) => {
  await expect(startCluster({ size })).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining("size: expected a whole number from 2 to 9"),
  });
});
