import { connectBroker, Publisher, type Delivery } from "@umbel/broker";
import { startServer } from "@umbel/nats-server";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName } from "./helpers/fresh-mesh.ts";
import { firstPublish, runIds } from "./helpers/runs.ts";
import { finishAtOnce, TestWorker } from "./helpers/test-worker.ts";

const ARRIVALS = 3_000;

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("a puller that stops among arrivals leaves none of them behind: another gets them all", async () => {
    // So long that a run left behind would be missing.
    await using mesh = await freshMesh(broker, { ackWaitMs: 600_000 });
    const seen = new Set<string>();
    const onRun = (delivery: Delivery, worker: TestWorker): void => {
      seen.add(delivery.runId);
      finishAtOnce(delivery, worker);
    };
    const stopping = new TestWorker(await mesh.connect(), { slots: 50, onRun });
    const staying = new TestWorker(await mesh.connect(), { slots: 50, onRun });
    using publisher = new Publisher(mesh.connection, { maxInFlight: 80 });
    const stored = runIds("run", ARRIVALS).map((id) => publisher.publish(firstPublish(mesh.name, id)));
    await eventually("both have runs", () => stopping.begun.length > 100 && staying.begun.length > 100, {
      everyMs: 1,
    });
    const begunBefore = seen.size;
    await stopping.puller.stop();
    const begunByStopped = stopping.begun.length;
    await Promise.all(stored);
    await eventually("all have begun", () => seen.size === ARRIVALS);
    expect(begunBefore).toBeLessThan(ARRIVALS);
    expect(stopping.begun).toHaveLength(begunByStopped);
  });

  test("a puller that idles stops by itself", async () => {
    await using mesh = await freshMesh(broker);
    const worker = new TestWorker(mesh.connection, { onRun: finishAtOnce });
    await mesh.publisher.publish(firstPublish(mesh.name, "a"));
    await eventually("it idles", () => worker.begun.length === 1);
    await Promise.all([worker.puller.stop(), worker.puller.stop()]);
    await worker.puller.stop();
    await mesh.publisher.publish(firstPublish(mesh.name, "b"));
    worker.puller.kick();
    const { manager, streams } = mesh.connection;
    const info = await eventually("the run waits", async () => {
      const found = await manager.consumers.info(streams.tasks, "q_n");
      return found.num_pending === 1 ? found : undefined;
    });
    expect(info).toMatchObject({ num_waiting: 0, delivered: { consumer_seq: 1 } });
    expect(worker.runIds).toEqual(["a"]);
  });
});

describe("a stop", () => {
  const broker = useBroker("R1");

  test("does not wait for a server that is gone", async () => {
    await using server = await startServer();
    await using mesh = await freshMesh({ urls: [server.url], replicas: 1 });
    const worker = new TestWorker(mesh.connection);
    await mesh.connection.flush();
    await server.kill();
    await worker.puller.stop();
    expect(worker.begun).toEqual([]);
  });

  test("does not wait for a connection that is closed", async () => {
    await using mesh = await freshMesh(broker);
    const connection = await mesh.connect();
    const worker = new TestWorker(connection);
    await connection.flush();
    await connection.close();
    await worker.puller.stop();
    expect(worker.puller.deaf).toBe(false);
  });

  test("does not wait for a consumer that was never there", async () => {
    await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
    const worker = new TestWorker(connection, { repair: () => Promise.resolve() });
    await eventually("it has been refused", () => worker.repaired.length > 0);
    await worker.puller.stop();
    expect(worker.begun).toEqual([]);
  });

  test("hands back what still arrives, for others to take at once", async () => {
    await using mesh = await freshMesh(broker, { ackWaitMs: 600_000 });
    const stopping = new TestWorker(await mesh.connect());
    await eventually("it waits for a run", async () => {
      const { manager, streams } = mesh.connection;
      return (await manager.consumers.info(streams.tasks, "q_n")).num_waiting === 1;
    });
    const stopped = stopping.puller.stop();
    await mesh.publisher.publish(firstPublish(mesh.name, "a"));
    const other = new TestWorker(mesh.connection);
    const delivery = await eventually("another has it", () => other.begun[0]);
    await stopped;
    expect([delivery.runId, delivery.count]).toEqual(["a", 2]);
    expect(stopping.begun).toEqual([]);
  });
});
