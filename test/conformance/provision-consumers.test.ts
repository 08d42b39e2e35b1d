import { connectBroker, provisionConsumers, type BrokerConnection } from "@umbel/broker";
import { AckPolicy, type ConsumerConfig } from "@nats-io/jetstream";
import { consumerSpecs, MAX_ACK_PENDING } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { useBroker } from "./helpers/broker.ts";
import { freshMesh, freshMeshName } from "./helpers/fresh-mesh.ts";
import { rejection } from "./helpers/rejection.ts";

const NANOS_PER_MS = 1_000_000;

describe.each(["R1", "R3"] as const)("on %s", (replication) => {
  const broker = useBroker(replication);

  test("a queue gets one durable consumer for each priority, once", async () => {
    await using mesh = await freshMesh(broker, { queues: [] });
    await provisionConsumers(mesh.connection, "media", 7_000);
    const made = await consumers(mesh.connection, "media");
    expect(made).toMatchObject(
      consumerSpecs(mesh.name, "media", 7_000).map(({ name, filter }) => ({
        durable_name: name,
        filter_subject: filter,
        ack_policy: AckPolicy.Explicit,
        ack_wait: 7_000 * NANOS_PER_MS,
        max_deliver: -1,
        max_ack_pending: MAX_ACK_PENDING,
        max_waiting: 20_000,
      })),
    );
    await provisionConsumers(mesh.connection, "media", 7_000);
    expect(await consumers(mesh.connection, "media")).toEqual(made);
  });

  test("ten workers that start together make them once", async () => {
    await using mesh = await freshMesh(broker, { queues: [] });
    const connections = await Promise.all(Array.from({ length: 10 }, () => mesh.connect()));
    await Promise.all(connections.map((connection) => provisionConsumers(connection, "media", 7_000)));
    const info = await mesh.connection.manager.streams.info(mesh.connection.streams.tasks);
    expect(info.state.consumer_count).toBe(3);
  });

  test("another ack-wait updates them, whichever of ten workers comes last", async () => {
    await using mesh = await freshMesh(broker, { queues: [] });
    const connections = await Promise.all(Array.from({ length: 10 }, () => mesh.connect()));
    await provisionConsumers(mesh.connection, "media", 7_000);
    await Promise.all(connections.map((connection) => provisionConsumers(connection, "media", 9_000)));
    const updated = await consumers(mesh.connection, "media");
    expect(updated.map(({ ack_wait }) => ack_wait)).toEqual(
      Array.from({ length: 3 }, () => 9_000 * NANOS_PER_MS),
    );
  });
});

describe("on one server", () => {
  const broker = useBroker("R1");

  test("a paused consumer stays paused, whatever else is updated", async () => {
    await using mesh = await freshMesh(broker, { queues: ["media"], ackWaitMs: 7_000 });
    const { manager, streams } = mesh.connection;
    await manager.consumers.pause(streams.tasks, "media_n", new Date(Date.now() + 3_600_000));
    for (const ackWaitMs of [7_000, 9_000]) {
      await provisionConsumers(mesh.connection, "media", ackWaitMs);
      const info = await manager.consumers.info(streams.tasks, "media_n");
      expect(info).toMatchObject({ paused: true, config: { ack_wait: ackWaitMs * NANOS_PER_MS } });
    }
  });

  test("what somebody else has set on a consumer, and runs rest on, is set right", async () => {
    await using mesh = await freshMesh(broker, { queues: ["media"], ackWaitMs: 7_000 });
    const { manager, streams } = mesh.connection;
    await manager.consumers.update(streams.tasks, "media_n", { max_deliver: 3 });
    await provisionConsumers(mesh.connection, "media", 7_000);
    const info = await manager.consumers.info(streams.tasks, "media_n");
    expect(info.config.max_deliver).toBe(-1);
  });

  test("without its stream there is no consumer: not_provisioned", async () => {
    await using connection = await connectBroker({ servers: broker.urls, mesh: freshMeshName() });
    await expect(rejection(provisionConsumers(connection, "q", 7_000))).resolves.toMatchObject({
      code: "not_provisioned",
    });
  });
});

async function consumers(connection: BrokerConnection, queue: string): Promise<ConsumerConfig[]> {
  const { manager, mesh, streams } = connection;
  const infos = consumerSpecs(mesh, queue, 0).map(({ name }) => manager.consumers.info(streams.tasks, name));
  return (await Promise.all(infos)).map(({ config }) => config);
}
