import {
  connectBroker,
  CONNECTION_FIELDS,
  inspectStreams,
  provisionStreams,
  type StreamPlacement,
  type BrokerConnection,
  type ConnectionOptions,
  type ProvisionedStream,
} from "@umbel/broker";
import { checkBy } from "./workers/control-args.ts";
import { checkFields, invalidArgument, UmbelError } from "@umbel/protocol";
import { createMesh } from "./create-mesh.ts";
import { enqueueLayers, type EnqueueMiddleware } from "./enqueue-middleware.ts";
import type { Mesh } from "./mesh.ts";

/** What {@link connect} takes. */
export interface ConnectOptions extends ConnectionOptions {
  /**
   * Make the mesh's streams if they are missing, with this many copies (1, 3 or 5). `false`: only look, and
   * fail when they are missing. @default { replicas: 3 on a cluster, 1 on a server alone }
   */
  readonly provision?: false | { readonly replicas?: number };
  /** Tell the mesh's events of what this client enqueues and cancels. @default true */
  readonly events?: boolean;
  /** Around every enqueue; the first is the outermost. @default none */
  readonly middleware?: readonly EnqueueMiddleware[];
  /**
   * For whom this connection is, such as `"ada@laptop"`: kept with what it does as an operator, see `mesh.audit`. At
   * most 200 characters. @default nobody in particular
   */
  readonly actor?: string;
}

/**
 * Connect to a mesh to enqueue runs and await their results.
 *
 * @throws UmbelError `cannot_connect`, `permission_denied`, `unsupported_server`, `jetstream_disabled`,
 * `not_provisioned`, `config_conflict`, or `invalid_argument` naming the wrong option.
 */
export async function connect(options: ConnectOptions = {}): Promise<Mesh> {
  checkFields(options, "connect", [...CONNECTION_FIELDS, "provision", "events", "middleware", "actor"]);
  const { provision = {}, events = true, middleware = [], actor, ...connectionOptions } = options;
  const extras = {
    ...(checkEvents(events) ? {} : { events: false as const }),
    middleware: enqueueLayers(middleware),
    actor: actor === undefined ? undefined : checkBy(actor, "actor"),
  };
  const placement = provision === false ? undefined : checkProvision(provision);
  const connection = await connectBroker(connectionOptions);
  try {
    const streams =
      placement === undefined
        ? await existingStreams(connection)
        : await provisionStreams(connection, placement);
    return await createMesh(connection, streams, extras);
  } catch (error) {
    await connection.close();
    throw error;
  }
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

/** @throws UmbelError `invalid_argument` */
export function checkEvents(events: unknown): boolean {
  if (typeof events === "boolean") return events;
  throw invalidArgument({ field: "events", received: events, expected: "true or false" });
}

function checkProvision(provision: StreamPlacement): StreamPlacement {
  checkFields(provision, "provision", ["replicas"]);
  const { replicas } = provision;
  if (replicas === undefined || replicas === 1 || replicas === 3 || replicas === 5) return { replicas };
  throw invalidArgument({ field: "provision.replicas", received: replicas, expected: "1, 3 or 5" });
}
