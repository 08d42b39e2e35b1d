import { randomBytes } from "node:crypto";
import { startCluster } from "@umbel/nats-server";
import type { Site } from "./arena/site.ts";
import { RouteWires } from "./arena/route-wires.ts";

/** A site of its own: a cluster of three servers on this machine. Disposing it stops them. */
export async function ownCluster(): Promise<Site & AsyncDisposable> {
  const routes = new RouteWires();
  const cluster = await startCluster({ extraConfig: LAME_DUCK, routeVia: routes.via });
  return {
    connection: { servers: cluster.urls, mesh: `verify-${randomBytes(4).toString("hex")}` },
    replicas: 3,
    cluster,
    routes,
    wired: true,
    [Symbol.asyncDispose]: async () => {
      await cluster.stop();
      await routes[Symbol.asyncDispose]();
    },
  };
}

// As short as the server allows it: a lame duck closes one connection a second after its grace.
const LAME_DUCK = `
  lame_duck_grace_period: "1s"
  lame_duck_duration: "30s"`;
