import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBroker, provisionStreams, Publisher, type BrokerConnection } from "@umbel/broker";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { UmbelError } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshMeshName } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { firstPublish, runIds, storedRuns } from "./helpers/runs.ts";

describe("a server that dies", () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  test("while messages are on their way: with the same ids each is stored exactly once", async () => {
    await using connection = await freshStreams(server);
    using publisher = new Publisher(connection);
    const ids = runIds("run", 20_000);
    const { outcomes } = await publishUntil(publisher, { ids, mesh: connection.mesh, count: 1_000 });
    await server.kill();
    expect(publisher.pending).toBeGreaterThan(0);
    await server.restart();
    const seen = new Set(await outcomes);
    expect(seen).toContain("stored by a repeat");
    seen.delete("stored by an earlier try");
    expect([...seen].toSorted()).toEqual(["stored", "stored by a repeat"]);
    await eventually("all are there", async () => (await storedRuns(connection)) === ids.length);
    const { state } = await connection.manager.streams.info(connection.streams.tasks);
    expect(state.last_seq).toBe(ids.length);
  });

  test("while nothing is heard of it: what is submitted is sent when it is back, without waiting for a time-out", async () => {
    await using connection = await freshStreams(server);
    using publisher = new Publisher(connection, { answerTimeoutMs: 600_000, giveUpAfterMs: 600_000 });
    await server.kill();
    await eventually("the loss is noticed", () => !connection.connected);
    const answer = publisher.publish(firstPublish(connection.mesh, "a"));
    await server.restart();
    await expect(answer).resolves.toMatchObject({ sequence: 1 });
    expect(connection.connected).toBe(true);
  });

  test("and stays away: a message is unconfirmed when its time is over, and what waited behind it too", async () => {
    await using connection = await freshStreams(server);
    using publisher = new Publisher(connection, { maxInFlight: 1, answerTimeoutMs: 100, giveUpAfterMs: 400 });
    await server.kill();
    const errors = await Promise.all(
      ["a", "b"].map((id) => rejection(publisher.publish(firstPublish(connection.mesh, id)))),
    );
    expect(errors).toMatchObject([{ code: "unconfirmed" }, { code: "unconfirmed" }]);
    await server.restart();
    await eventually("it is connected again", () => connection.connected);
    await expect(publisher.publish(firstPublish(connection.mesh, "c"))).resolves.toMatchObject({
      repeated: false,
    });
  });
});

describe("a full storage", () => {
  test.each([
    [
      "of the account",
      () => "accounts { A { jetstream: { max_file: 1MB }, users: [{ user: u, password: p }] } }",
      10_002,
    ],
    ["of the server", (dir: string) => `jetstream { store_dir: "${dir}", max_file: 1MB }\n${USER}`, 10_023],
  ])("%s is storage_full, and over when there is room again", async (_whose, config, apiCode) => {
    const storeDir = await mkdtemp(join(tmpdir(), "umbel-full-"));
    try {
      await using server = await startServer({ storeDir, extraConfig: config(storeDir) });
      await using connection = await freshStreams(server, { user: "u", password: "p" });
      using publisher = new Publisher(connection);
      const large = (id: string) => ({ ...firstPublish(connection.mesh, id), body: new Uint8Array(100_000) });
      const settled = await Promise.allSettled(runIds("run", 20).map((id) => publisher.publish(large(id))));
      const refused = settled.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      expect(refused.length).toBeGreaterThan(0);
      for (const error of refused)
        expect(error).toMatchObject({ code: "storage_full", details: { apiCode } });
      expect(await storedRuns(connection)).toBe(20 - refused.length);
      await connection.manager.streams.purge(connection.streams.tasks);
      await eventually(
        "there is room again",
        async () => (await publisher.publish(large("late"))).sequence > 0,
      );
    } finally {
      await rm(storeDir, { recursive: true, force: true });
    }
  });
});

const USER = "authorization { users: [{ user: u, password: p }] }";

async function freshStreams(server: LocalServer, credentials = {}): Promise<BrokerConnection> {
  const connection = await connectBroker({ servers: server.url, mesh: freshMeshName(), ...credentials });
  await provisionStreams(connection);
  return connection;
}

/** Publish a run for each of `ids`; resolves when `count` of them are stored, while the rest is on its way. */
async function publishUntil(
  publisher: Publisher,
  { ids, mesh, count }: { ids: readonly string[]; mesh: string; count: number },
): Promise<{ outcomes: Promise<string[]> }> {
  const enough = Promise.withResolvers<void>();
  let stored = 0;
  const outcomes = ids.map(async (id) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    publisher.submit({
      ...firstPublish(mesh, id),
      onStored: (_sequence, repeated) => resolve(repeated ? "stored by a repeat" : "stored"),
      onRefused: (error, repeated) =>
        resolve(repeated && UmbelError.is(error, "conflict") ? "stored by an earlier try" : error.message),
    });
    const outcome = await promise;
    stored += 1;
    if (stored === count) enough.resolve();
    return outcome;
  });
  await enough.promise;
  return { outcomes: Promise.all(outcomes) };
}
