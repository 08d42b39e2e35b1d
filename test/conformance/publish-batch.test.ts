import {
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  MAX_BATCH,
  publishBatch,
  SCHEDULE,
  SCHEDULE_TARGET,
  type BatchMessage,
} from "@umbel/broker";
import { anywhereSubject, runSubject } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { firstPublish, readySubject, runIds, storedRuns } from "./helpers/runs.ts";

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("all messages of a batch are stored, ready and delayed ones, in several queues", async () => {
    await using mesh = await freshMesh(broker);
    await publishBatch(mesh.connection, [
      ready(mesh.name, "a"),
      ready(mesh.name, "b", "other"),
      delayed(mesh.name, "c"),
    ]);
    expect(await storedRuns(mesh.connection)).toBe(3);
  });

  test("a batch of one, and of as many as the server takes, are stored", async () => {
    await using mesh = await freshMesh(broker);
    await publishBatch(mesh.connection, [ready(mesh.name, "single")]);
    await publishBatch(
      mesh.connection,
      runIds("run", MAX_BATCH).map((id) => ready(mesh.name, id)),
    );
    expect(await storedRuns(mesh.connection)).toBe(1 + MAX_BATCH);
  });

  test.each([0, 1, 2])("a conflict of message %i of three stores none of them", async (index) => {
    await using mesh = await freshMesh(broker);
    const ids = ["a", "b", "c"];
    await mesh.publisher.publish(firstPublish(mesh.name, ids[index] ?? "", { priority: "low" }));
    const error = await rejection(
      publishBatch(
        mesh.connection,
        ids.map((id) => ready(mesh.name, id)),
      ),
    );
    expect(error).toMatchObject({ code: "conflict" });
    expect(await storedRuns(mesh.connection)).toBe(1);
  });

  test("of batches that race for one id, one is stored whole and the others not at all", async () => {
    await using mesh = await freshMesh(broker);
    const connections = await Promise.all(Array.from({ length: 8 }, () => mesh.connect()));
    const settled = await Promise.allSettled(
      connections.map((connection, racer) =>
        publishBatch(connection, [
          ready(mesh.name, `before-${racer}`),
          ready(mesh.name, "contested"),
          ready(mesh.name, `after-${racer}`),
        ]),
      ),
    );
    const losers = settled.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(losers).toHaveLength(7);
    for (const error of losers) expect(error).toMatchObject({ code: "conflict" });
    expect(await storedRuns(mesh.connection)).toBe(3);
  });
});

describe("a batch that is not accepted", () => {
  const broker = useBroker("R1");

  test.each([0, MAX_BATCH + 1])("because it holds %i messages is invalid_argument", async (count) => {
    await using mesh = await freshMesh(broker);
    const batch = runIds("run", count).map((id) => ready(mesh.name, id));
    const error = await rejection(publishBatch(mesh.connection, batch));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toContain(`received ${count}`);
    expect(await storedRuns(mesh.connection)).toBe(0);
  });

  test("because of one too large message is payload_too_large, and nothing was sent", async () => {
    await using mesh = await freshMesh(broker);
    const large = { ...ready(mesh.name, "b"), body: new Uint8Array(mesh.connection.maxPayloadBytes) };
    const error = await rejection(publishBatch(mesh.connection, [ready(mesh.name, "a"), large]));
    expect(error).toMatchObject({ code: "payload_too_large", details: { subject: large.subject } });
    expect(mesh.connection.nats.stats().outBytes).toBeLessThan(mesh.connection.maxPayloadBytes);
    expect(await storedRuns(mesh.connection)).toBe(0);
  });

  test("because no stream takes it is broker_unavailable", async () => {
    await using mesh = await freshMesh(broker);
    const error = await rejection(
      publishBatch(mesh.connection, [ready("elsewhere", "a"), ready("elsewhere", "b")]),
    );
    expect(error).toMatchObject({ code: "broker_unavailable", details: { status: 503 } });
  });

  test("because one header means nothing to the server is refused whole, in its words", async () => {
    await using mesh = await freshMesh(broker);
    const odd = { ...ready(mesh.name, "b"), headers: [["Nats-TTL", "soon"]] as const };
    const error = await rejection(
      publishBatch(mesh.connection, [ready(mesh.name, "a"), odd, ready(mesh.name, "c")]),
    );
    expect(error).toMatchObject({ code: "broker_error", details: { apiCode: 10165 } });
    expect(await storedRuns(mesh.connection)).toBe(0);
  });

  test("before the connection is closed is unconfirmed", async () => {
    await using mesh = await freshMesh(broker);
    const connection = await mesh.connect();
    const silent = await mesh.connect();
    silent.subscribe("silent.>", () => undefined);
    await silent.flush();
    const batch = ["silent.a", "silent.b"].map((subject) => ({
      subject,
      body: new Uint8Array(),
      headers: [],
    }));
    const error = rejection(publishBatch(connection, batch));
    await connection.flush();
    await connection.close();
    await expect(error).resolves.toMatchObject({ code: "unconfirmed" });
    await expect(rejection(publishBatch(connection, batch))).resolves.toMatchObject({
      code: "connection_closed",
    });
  });
});

function ready(mesh: string, runId: string, queue = "q"): BatchMessage {
  return {
    subject: readySubject(mesh, runId, { queue }),
    body: Buffer.from(runId),
    headers: once(mesh, runId),
  };
}

function delayed(mesh: string, runId: string): BatchMessage {
  const subject = runSubject(mesh, { kind: "delayed", queue: "q", task: "t", runId });
  const schedule = [
    [SCHEDULE, "@at 2099-01-01T00:00:00Z"],
    [SCHEDULE_TARGET, readySubject(mesh, runId)],
  ] as const;
  return { subject, body: Buffer.from(runId), headers: [...once(mesh, runId), ...schedule] };
}

function once(mesh: string, runId: string): [string, string][] {
  return [
    [EXPECT_SEQUENCE, "0"],
    [EXPECT_SUBJECT, anywhereSubject(mesh, runId)],
  ];
}
