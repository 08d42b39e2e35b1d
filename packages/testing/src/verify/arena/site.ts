import type { ConnectionOptions } from "@umbel/broker";
import type { LocalCluster } from "@umbel/nats-server";
import type { FaultNeed } from "../plan/fault-kinds.ts";
import type { RouteWires } from "./route-wires.ts";

/** Where a verification takes place. */
export interface Site {
  /** How to connect past everything that stands between, to a mesh that nobody else uses. */
  readonly connection: Omit<ConnectionOptions, "logger" | "servers" | "mesh"> & {
    readonly servers: readonly string[];
    readonly mesh: string;
  };
  readonly replicas: 1 | 3 | 5;
  /** Servers that may be killed; `undefined`: they are someone else's. */
  readonly cluster: LocalCluster | undefined;
  /** What lies between those servers. */
  readonly routes: RouteWires | undefined;
  /** Whether processes can reach the servers over wires: not with TLS. */
  readonly wired: boolean;
}

/** What can be done to a site. */
export function possibilities(site: Site): ReadonlySet<FaultNeed> {
  return new Set<FaultNeed>([
    "process",
    "api",
    ...(site.wired ? (["proxy"] as const) : []),
    ...(site.cluster === undefined ? [] : (["own-servers"] as const)),
    ...(site.routes === undefined ? [] : (["routes"] as const)),
  ]);
}
