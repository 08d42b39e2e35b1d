import { randomBytes } from "node:crypto";
import { connectBroker, needsTls, type ConnectionOptions } from "@umbel/broker";
import type { Site } from "./arena/site.ts";

const DEFAULT_SERVER = "nats://127.0.0.1:4222";

/**
 * A site on servers that are someone else's, in a mesh of its own that no other has: they are not touched, but what
 * any client may do to its own streams and connections is done.
 *
 * @throws as `connectBroker` does
 */
export async function foreignSite(options: Omit<ConnectionOptions, "mesh" | "logger">): Promise<Site> {
  const { servers = DEFAULT_SERVER, ...rest } = options;
  const list = typeof servers === "string" ? servers.split(",").map((server) => server.trim()) : servers;
  const connection = { ...rest, servers: list, mesh: `verify-${randomBytes(4).toString("hex")}` };
  await using broker = await connectBroker(connection);
  return {
    connection,
    replicas: broker.defaultReplicas === 3 ? 3 : 1,
    cluster: undefined,
    routes: undefined,
    // Nobody can stand in the middle of TLS.
    wired: !needsTls(broker) && list.every((server) => !server.startsWith("tls://")),
  };
}
