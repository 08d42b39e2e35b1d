import { randomBytes } from "node:crypto";
import {
  EventPublisher,
  Publisher,
  QueueConfigs,
  RunLocks,
  RunRecords,
  type BrokerConnection,
  type ProvisionedStream,
  readRecordsOf,
} from "@umbel/broker";
import { createRunIdSource, shardOf, UmbelError } from "@umbel/protocol";
import { AuditLog } from "./audit/audit-log.ts";
import type { EnqueueMiddleware } from "./enqueue-middleware.ts";
import { LayeredMesh } from "./layered-mesh.ts";
import { Mesh, type MeshParts } from "./mesh.ts";
import type { EventRecorder } from "./tell-events.ts";
import { LaneDirectory } from "./queues/lane-directory.ts";
import { Queues } from "./queues/queues.ts";
import { receiptOf } from "./receipt.ts";
import { ResultInbox } from "./result-inbox.ts";

/** What not every mesh has; of it, what a test may make otherwise: the clock, and points of the work to stop at. */
export interface MeshExtras extends Partial<Pick<MeshParts, "onLocked" | "now">> {
  /** Tells its events. @default a publisher of its own; `false`: none are told */
  readonly events?: EventRecorder | false;
  readonly middleware?: readonly EnqueueMiddleware[];
  /** For whom the connection was made: kept with what it does as an operator. */
  readonly actor?: string | undefined;
}

/**
 * A mesh on a connection whose streams are known to exist. It takes the connection over: closing the mesh
 * closes it.
 */
export async function createMesh(
  connection: BrokerConnection,
  streams: readonly ProvisionedStream[],
  extras: MeshExtras = {},
): Promise<Mesh> {
  const { events, middleware = [], actor, ...points } = extras;
  const ids = createRunIdSource(Date.now, randomBytes(16));
  const publisher = new Publisher(connection);
  const records = new RunRecords(connection, publisher);
  const configs = new QueueConfigs(connection);
  const inbox = new ResultInbox(
    connection,
    (runIds) => readRecordsOf(connection, runIds),
    shardOf(ids.origin),
  );
  const tasks = streams.find(({ name }) => name === connection.streams.tasks);
  if (tasks === undefined)
    throw new UmbelError("internal", "the tasks stream is missing from the mesh's streams");
  // Whatever is enqueued from here on, its outcome is heard.
  await connection.flush();
  const audit = new AuditLog({ connection, publisher, actor, now: Date.now });
  const parts: MeshParts = {
    connection,
    publisher,
    records,
    locks: new RunLocks(connection, publisher),
    inbox,
    lanes: new LaneDirectory({ connection, configs, publisher }),
    queues: new Queues({ connection, configs, publisher, audit, now: Date.now }),
    audit,
    ids,
    durability: receiptOf(tasks),
    now: Date.now,
    events: eventsOf(connection, ids.origin, events),
    ...points,
  };
  return middleware.length === 0 ? new Mesh(parts) : new LayeredMesh(parts, middleware);
}

function eventsOf(
  connection: BrokerConnection,
  id: string,
  given: MeshExtras["events"],
): EventRecorder | undefined {
  if (given === false) return undefined;
  return given ?? new EventPublisher(connection, { role: "client", id });
}
