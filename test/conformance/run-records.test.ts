import { connectBroker, Publisher, RunRecords, type WriteResult } from "@umbel/broker";
import { Kvm } from "@nats-io/kv";
import { encodeRunRecord, noticeSubject, recordSubject, resultsBucket, shardOf } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName } from "./helpers/fresh-mesh.ts";
import { claimOf } from "./helpers/records.ts";
import { rejection } from "./helpers/rejection.ts";
import { runIds } from "./helpers/runs.ts";

const SECOND = 1_000_000_000;
/** Within half a minute of now, in milliseconds: servers and tests share a clock. */
const justNow = (): unknown => expect.closeTo(Date.now(), -4.7);

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("a run without a record has none", async () => {
    await using mesh = await freshMesh(broker);
    await expect(mesh.records.read("a")).resolves.toBeUndefined();
    await expect(mesh.records.peek("a")).resolves.toBeUndefined();
  });

  test("a record is created, replaced and read", async () => {
    await using mesh = await freshMesh(broker);
    const created = await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    const replaced = await mesh.records.write("a", claimOf("w1", 2), { expected: sequenceOf(created) });
    const stored = {
      sequence: sequenceOf(replaced),
      record: claimOf("w1", 2),
      tombstone: false,
      storedAt: justNow(),
    };
    await expect(mesh.records.read("a")).resolves.toEqual(stored);
    const peeked = await eventually("every replica has it", async () => {
      const found = await mesh.records.peek("a");
      return found?.sequence === stored.sequence ? found : undefined;
    });
    expect(peeked).toEqual(stored);
  });

  test("a record's age is known by the server's clock alone", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    const storedAt = (await mesh.records.read("a"))?.storedAt ?? Number.NaN;
    // It is told to a millisecond, and never ahead.
    await eventually("time passes", async () => (await mesh.records.now()) > storedAt + 5);
    expect((await mesh.records.now()) - Date.now()).toBeLessThan(1);
  });

  test("a write that comes late loses, and learns who won", async () => {
    await using mesh = await freshMesh(broker);
    const first = await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    const won = { sequence: sequenceOf(first), record: claimOf("w1"), tombstone: false, storedAt: justNow() };
    for (const expected of [0, sequenceOf(first) + 1]) {
      const late = await mesh.records.write("a", claimOf("w2"), { expected });
      expect(late).toEqual({ won: false, current: won });
    }
    await expect(mesh.records.read("a")).resolves.toEqual(won);
  });

  test("of ten workers that claim one run at once, one wins; all know which", async () => {
    await using mesh = await freshMesh(broker);
    const workers = await Promise.all(
      runIds("w", 10).map(async (worker) => {
        const connection = await mesh.connect();
        return { worker, records: new RunRecords(connection, new Publisher(connection)) };
      }),
    );
    for (const runId of runIds("run", 30)) {
      let expected = 0;
      for (const attempt of [1, 2, 3, 4, 5]) {
        const results = await Promise.all(
          workers.map(({ worker, records }) => records.write(runId, claimOf(worker, attempt), { expected })),
        );
        const winners = workers.filter((_, index) => results[index]?.won);
        expect(winners).toHaveLength(1);
        const told = results.flatMap((result) => (result.won ? [] : [result.current.record]));
        expect(told).toEqual(Array.from({ length: 9 }, () => claimOf(winners[0]?.worker ?? "", attempt)));
        expected = Math.max(...results.map((result) => (result.won ? result.sequence : 0)));
      }
    }
  });

  test("a write whose first answer was lost is recognised as one's own", async () => {
    await using mesh = await freshMesh(broker);
    const first = await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    const again = await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    expect(again).toEqual({ won: true, sequence: sequenceOf(first) });
  });

  test("fifty writes on each other's heels all win: none is refused for the one before it", async () => {
    await using mesh = await freshMesh(broker);
    let expected = 0;
    for (let attempt = 1; attempt <= 50; attempt++) {
      expected = sequenceOf(await mesh.records.write("a", claimOf("w1", attempt), { expected }));
    }
    await expect(mesh.records.read("a")).resolves.toMatchObject({ record: claimOf("w1", 50) });
  });
});

describe("a record's end", () => {
  const broker = useBroker("R1");

  test("leaves a tombstone that refuses whoever believes that there never was one", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.records.write("a", claimOf("w1"), { expected: 0, ttl: 1 });
    const tombstone = await eventually("the record expires", async () => {
      const found = await mesh.records.read("a");
      return found?.tombstone === true ? found : undefined;
    });
    expect(tombstone.record).toBeUndefined();
    await expect(mesh.records.peek("a")).resolves.toEqual(tombstone);
    const late = await mesh.records.write("a", claimOf("w2"), { expected: 0 });
    expect(late).toEqual({ won: false, current: tombstone });
    const aware = await mesh.records.write("a", claimOf("w2"), { expected: tombstone.sequence });
    expect(aware.won).toBe(true);
  });

  test("comes by the bucket's age, whatever time of its own it has, unless it is never to come", async () => {
    await using mesh = await freshMesh(broker);
    const { manager, streams } = mesh.connection;
    await manager.streams.update(streams.results, { max_age: SECOND, duplicate_window: SECOND });
    await mesh.records.write("kept", claimOf("w1"), { expected: 0, ttl: "never" });
    await mesh.records.write("longer", claimOf("w1"), { expected: 0, ttl: 3_600_000 });
    await mesh.records.write("aged", claimOf("w1"), { expected: 0 });
    for (const runId of ["longer", "aged"]) {
      await eventually(`the record of ${runId} ages out`, async () => {
        const found = await mesh.records.read(runId);
        return found?.record === undefined;
      });
    }
    await expect(mesh.records.read("kept")).resolves.toMatchObject({ record: claimOf("w1") });
  });

  test("comes sooner than by the bucket's age when its own time is shorter", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.records.write("longer", claimOf("w1"), { expected: 0 });
    await mesh.records.write("short", claimOf("w1"), { expected: 0, ttl: 1_000 });
    await eventually("the short one expires", async () => (await mesh.records.read("short"))?.tombstone);
    await expect(mesh.records.read("longer")).resolves.toMatchObject({ record: claimOf("w1") });
  });

  test("by hand, through the bucket, is a tombstone too", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    const bucket = await new Kvm(mesh.connection.nats).open(resultsBucket(mesh.name));
    await bucket.delete(`${shardOf("a")}.a`);
    await expect(mesh.records.read("a")).resolves.toMatchObject({ record: undefined, tombstone: true });
  });

  test("by hand, without a trace, is lost to whoever held it", async () => {
    await using mesh = await freshMesh(broker);
    const claim = await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    const { manager, streams } = mesh.connection;
    await manager.streams.purge(streams.results);
    const late = await mesh.records.write("a", claimOf("w1", 2), { expected: sequenceOf(claim) });
    expect(late).toEqual({
      won: false,
      current: { sequence: 0, record: undefined, tombstone: true, storedAt: 0 },
    });
    await expect(mesh.records.read("a")).resolves.toBeUndefined();
  });
});

describe("the bucket", () => {
  const broker = useBroker("R1");

  test("can be read with the key-value API", async () => {
    await using mesh = await freshMesh(broker);
    const written = await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    const bucket = await new Kvm(mesh.connection.nats).open(resultsBucket(mesh.name));
    const entry = await bucket.get(`${shardOf("a")}.a`);
    expect(entry).toMatchObject({ revision: sequenceOf(written), operation: "PUT" });
    expect(Buffer.from(entry?.value ?? [])).toEqual(Buffer.from(encodeRunRecord(claimOf("w1"))));
  });

  test("may hold what is no record: it is not readable, and can be replaced", async () => {
    await using mesh = await freshMesh(broker);
    const hostile = [
      "",
      "not msgpack",
      '{"state":"running"}',
      "\x81\xa5state\xa7running",
      "\xdf\xff\xff\xff\xff",
    ];
    for (const [index, text] of hostile.entries()) {
      const runId = `hostile-${index}`;
      const body = Buffer.from(text, "latin1");
      const subject = recordSubject(mesh.name, runId);
      const { sequence } = await mesh.publisher.publish({ subject, body, headers: undefined });
      const found = { sequence, record: undefined, tombstone: false, storedAt: justNow() };
      await expect(mesh.records.read(runId)).resolves.toEqual(found);
      const late = await mesh.records.write(runId, claimOf("w1"), { expected: 0 });
      expect(late).toEqual({ won: false, current: found });
      const claim = await mesh.records.write(runId, claimOf("w1"), { expected: sequence });
      expect(claim.won).toBe(true);
    }
  });

  test("announces each stored record, and none that lost", async () => {
    await using mesh = await freshMesh(broker);
    const heard: { subject: string; body: Buffer }[] = [];
    const listener = await mesh.connect();
    listener.subscribe(noticeSubject(mesh.name, "a"), ({ subject, data }) => {
      heard.push({ subject, body: Buffer.from(data) });
    });
    await listener.flush();
    await mesh.records.write("a", claimOf("w1"), { expected: 0 });
    await mesh.records.write("a", claimOf("w2"), { expected: 0 });
    await mesh.records.write("another", claimOf("w3"), { expected: 0 });
    await mesh.connection.flush();
    await listener.flush();
    expect(heard).toEqual([
      { subject: noticeSubject(mesh.name, "a"), body: Buffer.from(encodeRunRecord(claimOf("w1"))) },
    ]);
  });

  test("that does not exist is not_provisioned, not an empty one", async () => {
    await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
    const records = new RunRecords(connection, new Publisher(connection));
    await expect(rejection(records.read("a"))).resolves.toMatchObject({ code: "not_provisioned" });
    await expect(rejection(records.peek("a"))).resolves.toMatchObject({ code: "broker_unavailable" });
  });
});

function sequenceOf(result: WriteResult): number {
  if (!result.won) throw new Error("the write was expected to win");
  return result.sequence;
}
