import { randomBytes } from "node:crypto";
import {
  Publisher,
  RunLocks,
  RunRecords,
  type BrokerConnection,
  type ProvisionedStream,
} from "@umbel/broker";
import { createRunIdSource, shardOf, UmbelError } from "@umbel/protocol";
import { Mesh, type MeshParts } from "./mesh.ts";
import { receiptOf } from "./receipt.ts";
import { ResultInbox } from "./result-inbox.ts";

/** What a test may make otherwise: the clock, and points of a mesh's work that it stops at. */
export type MeshPoints = Partial<Pick<MeshParts, "onLocked" | "now">>;

/**
 * A mesh on a connection whose streams are known to exist. It takes the connection over: closing the mesh
 * closes it.
 */
export async function createMesh(
  connection: BrokerConnection,
  streams: readonly ProvisionedStream[],
  points: MeshPoints = {},
): Promise<Mesh> {
  const ids = createRunIdSource(Date.now, randomBytes(16));
  const publisher = new Publisher(connection);
  const records = new RunRecords(connection, publisher);
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
    locks: new RunLocks(connection, publisher),
    inbox,
    ids,
    durability: receiptOf(tasks),
    now: Date.now,
    ...points,
  });
}
