import {
  connectBroker,
  encodeHeaders,
  lastOfStream,
  readDelivered,
  readOpenRuns,
  readRecords,
  readRecordsOf,
} from "@umbel/broker";
import { consumerName, RUN_HEADER, type ClaimRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { firstPublish, readySubject } from "./helpers/runs.ts";

const broker = useBroker("R1");
const CLAIM: ClaimRecord = {
  state: "running",
  task: "t",
  queue: "q",
  worker: "w",
  attempt: 1,
  starts: 1,
  at: 5,
  errors: [],
  lostStarts: 0,
};

test("messages of runs are read with their ids, places and headers, strangers' too", async () => {
  await using mesh = await freshMesh(broker);
  const { connection, publisher, name } = mesh;
  const headers = encodeHeaders([[RUN_HEADER, "1;t;1;o"]]);
  await publisher.publish({ ...firstPublish(name, "a"), headers });
  const subject = `${name}.K.q.1.key.b`;
  await publisher.publish({ subject, body: new Uint8Array(3), headers: undefined });
  const { items, more } = await readOpenRuns(connection, { limit: 9 });
  expect(more).toBe(false);
  expect(items).toEqual([
    {
      runId: "a",
      address: { kind: "ready", queue: "q", priority: "normal", task: "t", runId: "a" },
      subject: readySubject(name, "a"),
      sequence: 1,
      runHeader: "1;t;1;o",
      bytes: 1,
    },
    expect.objectContaining({ runId: "b", subject, sequence: 2, runHeader: "", bytes: 3 }),
  ]);
  expect(await lastOfStream(connection, connection.streams.tasks)).toBe(2);
});

test("records are read in their order, and those of some runs at once", async () => {
  await using mesh = await freshMesh(broker);
  const { connection, records } = mesh;
  for (const runId of ["a", "b", "c"]) await records.write(runId, CLAIM, { expected: 0, ttl: "never" });
  const { items, more } = await readRecords(connection, { limit: 2 });
  expect(items.map(({ runId, sequence }) => [runId, sequence])).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
  expect(items[0]).toMatchObject({ record: CLAIM, tombstone: false });
  expect(more).toBe(true);
  const some = await readRecordsOf(connection, ["c", "nobody", "a"]);
  expect([...some.keys()].toSorted()).toEqual(["a", "c"]);
  expect(some.get("c")).toMatchObject({ record: CLAIM, sequence: 3 });
});

describe("how far a consumer has come", () => {
  test("grows with what it hands out, not with what is acknowledged", async () => {
    await using mesh = await freshMesh(broker);
    const { connection, publisher, name } = mesh;
    const consumer = consumerName("q", "normal");
    await publisher.publish(firstPublish(name, "a"));
    const { sequence } = await publisher.publish(firstPublish(name, "b"));
    expect(await readDelivered(connection, consumer)).toBe(0);
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${connection.streams.tasks}.${consumer}`;
    await connection.nats.request(subject, '{"batch":1,"expires":5000000000}', {
      timeout: 6_000,
      noMux: true,
    });
    expect(await readDelivered(connection, consumer)).toBe(sequence - 1);
  });

  test("is nowhere when there is none", async () => {
    await using mesh = await freshMesh(broker);
    expect(await readDelivered(mesh.connection, "another_n")).toBe(0);
  });
});

test("looking at a stream that does not exist is not_provisioned", async () => {
  await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
  const { tasks } = connection.streams;
  expect(await rejection(lastOfStream(connection, tasks))).toMatchObject({ code: "not_provisioned" });
  expect(await rejection(readDelivered(connection, "q_n"))).toMatchObject({ code: "not_provisioned" });
});
