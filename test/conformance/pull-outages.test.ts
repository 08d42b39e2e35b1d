import { connectBroker, provisionConsumers, provisionStreams, Publisher } from "@umbel/broker";
import { startServer } from "@umbel/nats-server";
import { eventually } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName, type FreshMesh } from "./helpers/fresh-mesh.ts";
import { collectLogs } from "./helpers/logs.ts";
import { blockWhilePublishing } from "./helpers/block-while-publishing.ts";
import { firstPublish, readySubject, runIds } from "./helpers/runs.ts";
import { finishAtOnce, TestWorker } from "./helpers/test-worker.ts";

const broker = useBroker("R1");

test("after the server has died and come back, runs flow again by themselves", async () => {
  await using server = await startServer();
  await using connection = await connectBroker({ servers: server.url, mesh: freshMeshName() });
  await provisionStreams(connection);
  await provisionConsumers(connection, "q", 30_000);
  using publisher = new Publisher(connection);
  const worker = new TestWorker(connection, { onRun: finishAtOnce });
  const publish = (id: string) => publisher.publish(firstPublish(connection.mesh, id));
  for (const round of [1, 2, 3]) {
    await publish(`before-${round}`);
    await eventually("the run begins", () => worker.runIds.includes(`before-${round}`));
    await server.kill();
    await server.restart();
    await publish(`after-${round}`);
    await eventually("the run begins", () => worker.runIds.includes(`after-${round}`));
  }
  expect(worker.puller.deaf).toBe(false);
});

test("a thread that was blocked for long strands no run that came meanwhile", async () => {
  await using mesh = await freshMesh(broker, { ackWaitMs: 60_000 });
  const worker = new TestWorker(mesh.connection, { onRun: finishAtOnce });
  await publishAll(mesh, ["before"]);
  await eventually("it waits for another", () => worker.begun.length === 1 && worker.running.size === 0);
  await mesh.connection.flush();
  const subject = readySubject(mesh.name, "meanwhile");
  blockWhilePublishing({ servers: mesh.connection.servers, mesh: mesh.name, subject }, 4_500);
  await eventually("the run begins", () => worker.runIds.includes("meanwhile"));
  expect(worker.begun.at(-1)?.count).toBe(1);
});

// These wait for long, and disturb nobody.
describe.concurrent("a consumer", () => {
  test("that is deleted is repaired, and runs flow again", async () => {
    await using mesh = await freshMesh(broker);
    const worker = new TestWorker(mesh.connection, { onRun: finishAtOnce });
    await publishAll(mesh, ["before"]);
    await eventually("a run begins", () => worker.begun.length === 1);
    const { manager, streams } = mesh.connection;
    await manager.consumers.delete(streams.tasks, "q_n");
    await publishAll(mesh, ["after"]);
    await eventually("the other begins", () => worker.runIds.includes("after"));
    expect(worker.repaired.map(({ consumer }) => consumer)).toContain("q_n");
  });

  test("that is deleted and cannot be repaired at first is repaired later", async () => {
    await using mesh = await freshMesh(broker);
    let refusals = 3;
    const worker = new TestWorker(mesh.connection, {
      onRun: finishAtOnce,
      repair: async ({ queue }) => {
        if (refusals-- > 0) throw new Error("not now");
        await provisionConsumers(mesh.connection, queue, 30_000);
      },
    });
    const { manager, streams } = mesh.connection;
    await manager.consumers.delete(streams.tasks, "q_n");
    await publishAll(mesh, ["after"]);
    await eventually("the run begins", () => worker.begun.length === 1);
    expect(worker.repaired.length).toBeGreaterThanOrEqual(4);
  });

  test("that is deleted and stays away makes the puller deaf, until it is there again", async () => {
    await using mesh = await freshMesh(broker);
    const worker = new TestWorker(mesh.connection, { onRun: finishAtOnce, repair: () => Promise.resolve() });
    expect(worker.puller.deaf).toBe(false);
    const { manager, streams } = mesh.connection;
    await manager.consumers.delete(streams.tasks, "q_n");
    await eventually("it knows that it is deaf", () => worker.puller.deaf, { timeoutMs: 40_000 });
    await provisionConsumers(mesh.connection, "q", 30_000);
    await publishAll(mesh, ["after"]);
    await eventually("the run begins", () => worker.begun.length === 1);
    expect(worker.puller.deaf).toBe(false);
  });

  test("that no longer answers at all is asked anew, and makes the puller deaf after a while", async () => {
    await using mesh = await freshMesh(broker);
    const { logger, lines } = collectLogs();
    const connection = await mesh.connect({ logger });
    // Nobody answers for this consumer, and somebody listens: so there is no refusal either.
    const { tasks } = connection.streams;
    mesh.connection.subscribe(`$JS.API.CONSUMER.MSG.NEXT.${tasks}.silent_n`, () => undefined);
    await mesh.connection.flush();
    const source = { consumer: "silent_n", queue: "silent", priority: "normal" } as const;
    const worker = new TestWorker(connection, { sources: [source], repair: () => Promise.resolve() });
    const since = worker.puller.silentForMs;
    await eventually("it knows that it is deaf", () => worker.puller.deaf, { timeoutMs: 40_000 });
    expect(worker.puller.silentForMs).toBeGreaterThan(since);
    expect(worker.repaired.length).toBeGreaterThanOrEqual(3);
    expect(lines).toContainEqual({ event: "consumer.deaf", consumer: "silent_n", unanswered: 3 });
  });

  test("that is paused does not make the puller deaf, and flows again afterwards", async () => {
    await using mesh = await freshMesh(broker);
    const { manager, streams } = mesh.connection;
    await manager.consumers.pause(streams.tasks, "q_n", new Date(Date.now() + 3_000));
    const worker = new TestWorker(mesh.connection, { onRun: finishAtOnce });
    await publishAll(mesh, ["a"]);
    let wasDeaf = false;
    await eventually("the run begins", () => {
      wasDeaf ||= worker.puller.deaf;
      return worker.begun.length === 1;
    });
    expect(wasDeaf).toBe(false);
  });

  test("that is at its limit of open runs gives the next when one is done", async () => {
    await using mesh = await freshMesh(broker);
    const { manager, streams } = mesh.connection;
    await manager.consumers.update(streams.tasks, "q_n", { max_ack_pending: 1 });
    await publishAll(mesh, runIds("run", 3));
    const worker = new TestWorker(mesh.connection, { slots: 3 });
    for (let index = 0; index < 3; index++) {
      worker.finish(await eventually("the next begins", () => worker.begun[index]));
      expect(worker.mostRunning).toBe(1);
      expect(worker.puller.deaf).toBe(false);
    }
  });
});

function publishAll(mesh: FreshMesh, ids: readonly string[]): Promise<unknown> {
  return Promise.all(ids.map((id) => mesh.publisher.publish(firstPublish(mesh.name, id))));
}
