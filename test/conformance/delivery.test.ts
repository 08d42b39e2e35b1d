import { encodeHeaders } from "@umbel/broker";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { firstPublish, readySubject, runIds, storedRuns } from "./helpers/runs.ts";
import { TestWorker } from "./helpers/test-worker.ts";

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("an ack removes the run", async () => {
    await using mesh = await meshWith(broker, ["a"]);
    const worker = new TestWorker(mesh.connection);
    worker.finish(await nextRun(worker, 0));
    await eventually("the stream is empty", async () => (await storedRuns(mesh.connection)) === 0);
    expect(worker.runIds).toEqual(["a"]);
  });

  test("a run whose worker has died comes again after its ack-wait, not before", async () => {
    await using mesh = await meshWith(broker, ["a"], 1_000);
    const doomed = await mesh.connect();
    const first = await nextRun(new TestWorker(doomed), 0);
    await doomed.close();
    const worker = new TestWorker(mesh.connection);
    const again = await nextRun(worker, 0);
    expect([again.runId, again.count]).toEqual(["a", 2]);
    expect(again.receivedAt - first.receivedAt).toBeGreaterThanOrEqual(950);
  });
});

describe("a run", () => {
  const broker = useBroker("R1");

  test("that is handed back goes ahead of all that waits", async () => {
    await using mesh = await meshWith(broker, runIds("run", 50));
    const worker = new TestWorker(mesh.connection);
    worker.handBack(await nextRun(worker, 0));
    // The server may take the next pull before the hand-back: a run or two may slip in between.
    for (let index = 1; index <= 3; index++) worker.finish(await nextRun(worker, index));
    const again = worker.begun.slice(1).filter(({ runId }) => runId === "run0");
    expect(again.map(({ count }) => count)).toEqual([2]);
  });

  test("that is handed back for a while lets others pass, and comes no earlier", async () => {
    await using mesh = await meshWith(broker, ["a", "b"]);
    const worker = new TestWorker(mesh.connection);
    const first = await nextRun(worker, 0);
    const since = performance.now();
    worker.handBack(first, 600 + 1 / 3);
    worker.finish(await nextRun(worker, 1));
    const again = await nextRun(worker, 2);
    expect(again.receivedAt - since).toBeGreaterThanOrEqual(600);
    expect(worker.begun.map(({ runId, count }) => [runId, count])).toEqual([
      ["a", 1],
      ["b", 1],
      ["a", 2],
    ]);
  });

  test("whose heart beats does not come again, however long it lasts", async () => {
    await using mesh = await meshWith(broker, ["a"], 1_000);
    const worker = new TestWorker(mesh.connection, { slots: 2 });
    const first = await nextRun(worker, 0);
    const beat = (): boolean => {
      first.heartbeat();
      return performance.now() - first.receivedAt > 2_500;
    };
    await eventually("more than two ack-waits have passed", beat, { everyMs: 200 });
    expect(worker.begun).toHaveLength(1);
    const again = await nextRun(worker, 1);
    expect([again.runId, again.count]).toEqual(["a", 2]);
    expect(again.receivedAt - first.receivedAt).toBeGreaterThan(2_500);
  });
});

describe("a delivery", () => {
  const broker = useBroker("R1");

  test("tells what it carries and where it was stored", async () => {
    await using mesh = await freshMesh(broker);
    const before = Date.now();
    const headers = encodeHeaders([
      ["Umbel", "1;t;0;me"],
      ["Custom", "first"],
      ["Custom", "last"],
      ["Empty", ""],
    ]);
    await mesh.publisher.publish(firstPublish(mesh.name, "other", { priority: "low" }));
    const subject = readySubject(mesh.name, "a");
    const { sequence } = await mesh.publisher.publish({ subject, body: Buffer.from("body"), headers });
    for (const id of ["b", "c"]) await mesh.publisher.publish(firstPublish(mesh.name, id));
    const after = Date.now();
    const delivery = await nextRun(new TestWorker(mesh.connection), 0);
    expect(delivery).toMatchObject({ subject, runId: "a", count: 1, sequence, waitingBehind: 2 });
    expect(delivery.source).toEqual({ consumer: "q_n", queue: "q", priority: "normal" });
    expect(Buffer.from(delivery.body).toString()).toBe("body");
    expect(delivery.storedAt).toBeGreaterThanOrEqual(before - 1);
    expect(delivery.storedAt).toBeLessThanOrEqual(after + 1);
    expect(delivery.header("Umbel")).toBe("1;t;0;me");
    expect([delivery.header("Empty"), delivery.header("Absent")]).toEqual([undefined, undefined]);
    expect(delivery.headers()).toEqual({ Umbel: "1;t;0;me", Custom: "last", Empty: "" });
  });

  test("without headers has none", async () => {
    await using mesh = await freshMesh(broker);
    await mesh.publisher.publish({ ...firstPublish(mesh.name, "a"), headers: undefined });
    const delivery = await nextRun(new TestWorker(mesh.connection), 0);
    expect([delivery.header("Umbel"), delivery.headers()]).toEqual([undefined, {}]);
  });

  test("can be answered after its connection is closed, without effect", async () => {
    await using mesh = await meshWith(broker, ["a"]);
    const connection = await mesh.connect();
    const delivery = await nextRun(new TestWorker(connection), 0);
    await connection.close();
    delivery.ack();
    delivery.handBack();
    delivery.heartbeat();
    expect(await storedRuns(mesh.connection)).toBe(1);
  });

  test("that was given to somebody else since still counts: the broker does not fence", async () => {
    await using mesh = await meshWith(broker, ["a"], 1_000);
    const zombie = await nextRun(new TestWorker(await mesh.connect()), 0);
    const owner = await nextRun(new TestWorker(mesh.connection), 0);
    expect([zombie.runId, owner.runId, owner.count]).toEqual(["a", "a", 2]);
    zombie.ack();
    await eventually(
      "the zombie's ack has removed it",
      async () => (await storedRuns(mesh.connection)) === 0,
    );
  });
});

async function meshWith(
  broker: Parameters<typeof freshMesh>[0],
  ids: readonly string[],
  ackWaitMs?: number,
): Promise<FreshMesh> {
  const mesh = await freshMesh(broker, ackWaitMs === undefined ? {} : { ackWaitMs });
  for (const id of ids) await mesh.publisher.publish(firstPublish(mesh.name, id));
  return mesh;
}

async function nextRun(worker: TestWorker, index: number): Promise<TestWorker["begun"][number]> {
  return eventually(`run ${index + 1} begins`, () => worker.begun[index]);
}
