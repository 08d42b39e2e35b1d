import { randomBytes } from "node:crypto";
import {
  Publisher,
  QueueConfigs,
  RunRecords,
  type BrokerConnection,
  type ProvisionedStream,
} from "@umbel/broker";
import { createRunIdSource, shardOf, UmbelError } from "@umbel/protocol";
import { Mesh } from "./mesh.ts";
import { LaneDirectory } from "./queues/lane-directory.ts";
import { Queues } from "./queues/queues.ts";
import { receiptOf } from "./receipt.ts";
import { ResultInbox } from "./result-inbox.ts";

/**
 * A mesh on a connection whose streams are known to exist. It takes the connection over: closing the mesh
 * closes it.
 */
export async function createMesh(
  connection: BrokerConnection,
  streams: readonly ProvisionedStream[],
): Promise<Mesh> {
  const ids = createRunIdSource(Date.now, randomBytes(16));
  const publisher = new Publisher(connection);
  const records = new RunRecords(connection, publisher);
  const configs = new QueueConfigs(connection);
  const inbox = new ResultInbox(connection, records, shardOf(ids.origin));
  const tasks = streams.find(({ name }) => name === connection.streams.tasks);
  if (tasks === undefined)
    throw new UmbelError("internal", "the tasks stream is missing from the mesh's streams");
  // Whatever is enqueued from here on, its outcome is heard.
  await connection.flush();
  return new Mesh({
    connection,
    publisher,
    records,
    inbox,
    lanes: new LaneDirectory({ connection, configs, publisher }),
    queues: new Queues({ connection, configs, publisher, now: Date.now }),
    ids,
    durability: receiptOf(tasks),
    now: Date.now,
  });
}
