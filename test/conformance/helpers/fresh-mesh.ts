import {
  connectBroker,
  provisionConsumers,
  provisionStreams,
  Publisher,
  RunRecords,
  type BrokerConnection,
  type ConnectionOptions,
} from "@umbel/broker";
import { DEFAULT_ACK_WAIT_MS } from "@umbel/protocol";
import type { Broker } from "./broker.ts";

/** How a mesh for one test is made. */
export interface FreshMeshOptions {
  /** @default ["q"] */
  readonly queues?: readonly string[];
  /** @default 30_000 */
  readonly ackWaitMs?: number;
}

/** A mesh that no other test knows, with its streams and consumers. Disposing it closes all its connections. */
export interface FreshMesh extends AsyncDisposable {
  readonly name: string;
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  /** Another connection to the same mesh. */
  connect(options?: ConnectionOptions): Promise<BrokerConnection>;
}

let meshes = 0;

/** A mesh name that was not given out before in this process. */
export function freshMeshName(): string {
  return `mesh-${++meshes}`;
}

/** Make a mesh on `broker`. */
export async function freshMesh(broker: Broker, options: FreshMeshOptions = {}): Promise<FreshMesh> {
  const { queues = ["q"], ackWaitMs = DEFAULT_ACK_WAIT_MS } = options;
  const name = freshMeshName();
  const connections: BrokerConnection[] = [];
  const connect = async (more: ConnectionOptions = {}): Promise<BrokerConnection> => {
    const connection = await connectBroker({ servers: broker.urls, mesh: name, ...more });
    connections.push(connection);
    return connection;
  };
  const connection = await connect();
  await provisionStreams(connection, { replicas: broker.replicas });
  for (const queue of queues) await provisionConsumers(connection, queue, ackWaitMs);
  const publisher = new Publisher(connection);
  return {
    name,
    connection,
    publisher,
    records: new RunRecords(connection, publisher),
    connect,
    [Symbol.asyncDispose]: async () => {
      publisher[Symbol.dispose]();
      await Promise.all(connections.map((open) => open.close()));
    },
  };
}
