import { startCluster, startServer, type LocalCluster, type LocalServer } from "@umbel/nats-server";
import type { TestMeshOptions } from "./test-mesh-options.ts";

/** The servers of a test mesh. */
export type TestServers =
  | { readonly kind: "shared"; readonly urls: readonly string[] }
  | { readonly kind: "server"; readonly urls: readonly string[]; readonly server: LocalServer }
  | { readonly kind: "cluster"; readonly urls: readonly string[]; readonly cluster: LocalCluster };

/** Start the servers that `options` ask for, or take the one that they name. @throws as `startServer` does */
export async function startTestServers(options: TestMeshOptions): Promise<TestServers> {
  const { server: shared, servers = 1, binary, extraConfig } = options;
  if (shared !== undefined) return { kind: "shared", urls: typeof shared === "string" ? [shared] : shared };
  if (servers === 3) {
    const cluster = await startCluster({ binary, extraConfig });
    return { kind: "cluster", urls: cluster.urls, cluster };
  }
  const server = await startServer({ binary, extraConfig });
  return { kind: "server", urls: [server.url], server };
}

/** Stop them, unless they are someone else's. */
export async function stopTestServers(servers: TestServers): Promise<void> {
  if (servers.kind === "server") await servers.server.stop();
  if (servers.kind === "cluster") await servers.cluster.stop();
}
