import { connectBroker, type BrokerConnection } from "@umbel/broker";
import { consumerName, streamNames } from "@umbel/protocol";
import type { TestMesh } from "@umbel/testing";
import type { Msg } from "@nats-io/transport-node";

/** A connection to the mesh for what only a test does. */
export function connectTo(mesh: TestMesh): Promise<BrokerConnection> {
  return connectBroker({ servers: mesh.urls, mesh: mesh.name });
}

/** Take the next run of `queue` as a worker would that is never heard of again. */
export async function takeAndVanish(connection: BrokerConnection, queue: string): Promise<Msg> {
  const stream = streamNames(connection.mesh).tasks;
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumerName(queue, "normal")}`;
  const message = await connection.nats.request(subject, '{"batch":1,"expires":5000000000}', {
    timeout: 6_000,
    // A run arrives on its own subject: only a subscription of this one request takes it.
    noMux: true,
  });
  if ((message.headers?.code ?? 0) >= 400) throw new Error(`no run came: ${message.headers?.description}`);
  return message;
}

/** How many messages of `queue` wait, and how many are with workers. */
export async function backlog(
  connection: BrokerConnection,
  queue: string,
): Promise<{ readonly waiting: number; readonly held: number; readonly redelivered: number }> {
  const stream = streamNames(connection.mesh).tasks;
  const info = await connection.manager.consumers.info(stream, consumerName(queue, "normal"));
  return { waiting: info.num_pending, held: info.num_ack_pending, redelivered: info.num_redelivered };
}

/** Whether some worker has asked for the next run of `queue`. */
export async function isAskedFor(connection: BrokerConnection, queue: string): Promise<boolean> {
  const stream = streamNames(connection.mesh).tasks;
  const info = await connection.manager.consumers.info(stream, consumerName(queue, "normal"));
  return info.num_waiting > 0;
}

/** How many messages the tasks stream holds: runs that are not over. */
export async function openRuns(connection: BrokerConnection): Promise<number> {
  const info = await connection.manager.streams.info(streamNames(connection.mesh).tasks);
  return info.state.messages;
}
