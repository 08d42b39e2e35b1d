import { connectBroker, Publisher, RunLocks, type TakeResult } from "@umbel/broker";
import { lockSubject, type LockRecord } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";
import { runIds } from "./helpers/runs.ts";

const lockOf = (runId: string, more: Partial<LockRecord> = {}): LockRecord => ({
  runId,
  task: "t",
  until: "done",
  at: 1_700_000_000_000,
  stored: false,
  ...more,
});

const locksOf = ({ connection, publisher }: FreshMesh): RunLocks => new RunLocks(connection, publisher);

function sequenceOf(result: TakeResult): number {
  if (result.won) return result.sequence;
  throw new Error("it was expected to win");
}

describe.each(["R1", "R3"] as const)("a lock on %s", (replication) => {
  const broker = useBroker(replication);

  test("is taken by one, and the others learn by whom", async () => {
    await using mesh = await freshMesh(broker);
    const locks = locksOf(mesh);
    expect(await locks.read("k")).toBeUndefined();
    const sequence = sequenceOf(await locks.take("k", lockOf("a"), { expected: 0 }));
    const current = { sequence, record: lockOf("a") };
    expect(await locks.read("k")).toEqual(current);
    for (const expected of [0, sequence + 1]) {
      expect(await locks.take("k", lockOf("b"), { expected })).toEqual({ won: false, current });
    }
    expect(await locks.read("other")).toBeUndefined();
  });

  test("is taken by one of ten at once, again and again", async () => {
    await using mesh = await freshMesh(broker);
    const takers = await Promise.all(
      runIds("r", 10).map(async (runId) => {
        const connection = await mesh.connect();
        return { runId, locks: new RunLocks(connection, new Publisher(connection)) };
      }),
    );
    let expected = 0;
    for (let round = 0; round < 20; round++) {
      const results = await Promise.all(
        takers.map(({ runId, locks }) => locks.take("k", lockOf(`${runId}-${round}`), { expected })),
      );
      const winners = results.filter(({ won }) => won);
      // On a cluster all may be refused while one write is on its way, and then it has been nobody's.
      expect(winners.length).toBeLessThanOrEqual(1);
      const current = await locksOf(mesh).read("k");
      for (const winner of winners) expect(current?.sequence).toBe(sequenceOf(winner));
      expected = current?.sequence ?? 0;
    }
    expect(expected).toBeGreaterThan(0);
  });

  test("that one has is still one's own, whatever was expected", async () => {
    await using mesh = await freshMesh(broker);
    const locks = locksOf(mesh);
    const taken = await locks.take("k", lockOf("a"), { expected: 0 });
    expect(await locks.take("k", lockOf("a"), { expected: 0 })).toEqual(taken);
  });

  test("that is released leaves a marker for a moment, which the next one replaces", async () => {
    await using mesh = await freshMesh(broker);
    const locks = locksOf(mesh);
    await locks.take("k", lockOf("a"), { expected: 0 });
    await locks.release("k", "b");
    expect(await locks.read("k")).toMatchObject({ record: lockOf("a") });
    await locks.release("k", "a");
    const marker = await locks.read("k");
    expect(marker).toMatchObject({ record: undefined });
    const expected = marker?.sequence ?? 0;
    const taken = await locks.take("k", lockOf("c"), { expected });
    expect(taken.won).toBe(true);
    await locks.release("k", "c");
    await eventually("nothing is left", async () => (await locks.read("k")) === undefined, {
      timeoutMs: 10_000,
    });
    await eventually(
      "it can be taken anew",
      async () => (await locks.take("k", lockOf("d"), { expected: 0 })).won,
    );
  });

  test("for a time ends by itself, and not by a release", async () => {
    await using mesh = await freshMesh(broker);
    const locks = locksOf(mesh);
    const lock = lockOf("a", { until: "time" });
    await locks.take("k", lock, { expected: 0, ttlMs: 1_500 });
    await locks.release("k", "a");
    expect(await locks.read("k")).toMatchObject({ record: lock });
    await eventually("it has ended", async () => (await locks.read("k")) === undefined, {
      timeoutMs: 10_000,
    });
  });

  test("that a stranger has written locks nothing", async () => {
    await using mesh = await freshMesh(broker);
    const subject = lockSubject(mesh.name, "k");
    const { sequence } = await mesh.publisher.publish({
      subject,
      body: new Uint8Array([0xc1]),
      headers: undefined,
    });
    expect(await locksOf(mesh).read("k")).toEqual({ sequence, record: undefined });
  });

  test("in a mesh that does not exist is not_provisioned", async () => {
    await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
    using publisher = new Publisher(connection);
    expect(await rejection(new RunLocks(connection, publisher).read("k"))).toMatchObject({
      code: "not_provisioned",
    });
  });
});
