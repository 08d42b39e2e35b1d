import {
  connectBroker,
  encodeHeaders,
  findRunMessage,
  purgeRunMessage,
  SCHEDULE,
  SCHEDULE_TARGET,
} from "@umbel/broker";
import { startServer } from "@umbel/nats-server";
import { formatRunHeader, RUN_HEADER, runSubject, type RunAddress } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { storedRuns } from "./helpers/runs.ts";

const broker = useBroker("R1");
const READY: RunAddress = { kind: "ready", queue: "q", priority: "low", task: "media.thumbnail", runId: "a" };
const RUN = formatRunHeader({
  task: "media.thumbnail",
  enqueuedAt: 1,
  origin: "test",
  attempt: 1,
  verify: false,
});

describe("finding a run's message", () => {
  test.each<RunAddress>([
    READY,
    { kind: "keyed", queue: "q", lane: 11, key: "tenant.7/é", runId: "a" },
    { kind: "delayed", queue: "q", task: "media.thumbnail", runId: "a" },
    { kind: "retrying", queue: "other", task: "t", runId: "a" },
  ])("where it waits: $kind", async (address) => {
    await using mesh = await freshMesh(broker);
    const sequence = await put(mesh, address);
    await put(mesh, { ...READY, runId: "another" });
    await expect(findRunMessage(mesh.connection, "a")).resolves.toEqual({
      address,
      subject: runSubject(mesh.name, address),
      sequence,
      runHeader: RUN,
    });
  });

  test("finds none when it waits nowhere", async () => {
    await using mesh = await freshMesh(broker);
    await expect(findRunMessage(mesh.connection, "a")).resolves.toBeUndefined();
  });

  test("gives no address and no header to a stranger's message", async () => {
    await using mesh = await freshMesh(broker);
    const subject = `${mesh.name}.T.q.urgent.t.a`;
    await mesh.publisher.publish({ subject, body: new Uint8Array(), headers: undefined });
    await expect(findRunMessage(mesh.connection, "a")).resolves.toMatchObject({
      address: undefined,
      subject,
      runHeader: "",
    });
  });

  test("in a mesh that does not exist is not_provisioned", async () => {
    await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
    await expect(rejection(findRunMessage(connection, "a"))).resolves.toMatchObject({
      code: "not_provisioned",
    });
    await expect(rejection(purgeRunMessage(connection, "a"))).resolves.toMatchObject({
      code: "not_provisioned",
    });
  });
});

describe("purging a run's message", () => {
  test("removes it from every stage, and nothing else", async () => {
    await using mesh = await freshMesh(broker);
    await put(mesh, READY);
    await put(mesh, { kind: "keyed", queue: "q", lane: 3, key: "k", runId: "a" });
    await put(mesh, { kind: "delayed", queue: "q", task: "t", runId: "a" });
    await put(mesh, { kind: "retrying", queue: "q", task: "t", runId: "a" });
    await put(mesh, { ...READY, runId: "aa" });
    await purgeRunMessage(mesh.connection, "a");
    await expect(findRunMessage(mesh.connection, "a")).resolves.toBeUndefined();
    await expect(findRunMessage(mesh.connection, "aa")).resolves.toBeDefined();
    expect(await storedRuns(mesh.connection)).toBe(1);
    await expect(purgeRunMessage(mesh.connection, "a")).resolves.toBeUndefined();
  });

  test("by a user who may not purge is permission_denied", async () => {
    await using server = await startServer({
      extraConfig: `authorization { users: [
        { user: u, password: p, permissions: { publish: { deny: ["$JS.API.STREAM.PURGE.>"] } } }
      ] }`,
    });
    await using connection = await connectBroker({ servers: server.url, user: "u", password: "p" });
    await expect(rejection(purgeRunMessage(connection, "a"))).resolves.toMatchObject({
      code: "permission_denied",
      details: { subject: "$JS.API.STREAM.PURGE.UMBEL_TASKS" },
    });
  });
});

async function put(mesh: FreshMesh, address: RunAddress): Promise<number> {
  const schedule: [string, string][] =
    address.kind === "ready" || address.kind === "keyed"
      ? []
      : [
          [SCHEDULE, "@at 2099-01-01T00:00:00Z"],
          [SCHEDULE_TARGET, runSubject(mesh.name, { ...address, kind: "ready", priority: "normal" })],
        ];
  const { sequence } = await mesh.publisher.publish({
    subject: runSubject(mesh.name, address),
    body: new Uint8Array(),
    headers: encodeHeaders([[RUN_HEADER, RUN], ...schedule]),
  });
  return sequence;
}
