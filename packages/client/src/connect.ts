import { randomBytes } from "node:crypto";
import {
  connectBroker,
  CONNECTION_FIELDS,
  inspectStreams,
  provisionStreams,
  Publisher,
  RunRecords,
  type BrokerConnection,
  type ConnectionOptions,
  type ProvisionedStream,
} from "@umbel/broker";
import { checkFields, createRunIdSource, invalidArgument, shardOf, UmbelError } from "@umbel/protocol";
import { Mesh } from "./mesh.ts";
import { receiptOf } from "./receipt.ts";
import { ResultInbox } from "./result-inbox.ts";

/** What {@link connect} takes. */
export interface ConnectOptions extends ConnectionOptions {
  /**
   * Make the mesh's streams if they are missing, with this many copies (1, 3 or 5). `false`: only look, and
   * fail when they are missing. @default { replicas: 1 }
   */
  readonly provision?: false | { readonly replicas?: number };
}

/**
 * Connect to a mesh to enqueue runs and await their results.
 *
 * @throws UmbelError `cannot_connect`, `permission_denied`, `unsupported_server`, `jetstream_disabled`,
 * `not_provisioned`, `config_conflict`, or `invalid_argument` naming the wrong option.
 */
export async function connect(options: ConnectOptions = {}): Promise<Mesh> {
  checkFields(options, "connect", [...CONNECTION_FIELDS, "provision"]);
  const { provision = {}, ...connectionOptions } = options;
  const replicas = provision === false ? 1 : checkReplicas(provision.replicas ?? 1);
  const connection = await connectBroker(connectionOptions);
  try {
    const streams =
      provision === false
        ? await existingStreams(connection)
        : await provisionStreams(connection, { replicas });
    return await assemble(connection, streams);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function assemble(connection: BrokerConnection, streams: readonly ProvisionedStream[]): Promise<Mesh> {
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
    inbox,
    ids,
    durability: receiptOf(tasks),
    now: Date.now,
  });
}

async function existingStreams(connection: BrokerConnection): Promise<readonly ProvisionedStream[]> {
  const inspected = await inspectStreams(connection);
  return inspected.map(({ name, found }) => {
    if (found !== undefined) return found;
    throw new UmbelError(
      "not_provisioned",
      `stream ${name} does not exist: start a worker, or connect once with provision allowed.`,
      { details: { stream: name } },
    );
  });
}

function checkReplicas(value: unknown): number {
  if (value === 1 || value === 3 || value === 5) return value;
  throw invalidArgument({ field: "provision.replicas", received: value, expected: "1, 3 or 5" });
}
