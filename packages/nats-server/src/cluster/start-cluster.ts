import { rm } from "node:fs/promises";
import { join } from "node:path";
import { invalidArgument } from "@umbel/protocol";
import { bringUp } from "../run/bring-up.ts";
import { requireReadyCluster } from "./cluster-readiness.ts";
import { type LocalCluster, clusterOf } from "./local-cluster.ts";
import type { LocalServer } from "../run/local-server.ts";
import { freePorts } from "../run/ports.ts";
import { RunningServer } from "../run/running-server.ts";
import type { ServerBinary } from "../find/search.ts";
import {
  type CommonServerOptions,
  START_TIMEOUT_MS,
  SYNC_INTERVAL,
  checkCommonOptions,
  checkName,
} from "../run/server-options.ts";
import { type ServerPlan, serverFiles } from "../run/server-plan.ts";
import { binaryFor, untilPortsAreFree } from "../run/start-server.ts";
import { type StoreDir, makeStoreDir } from "../run/store-dir.ts";

/** How a local cluster is run. */
export interface LocalClusterOptions extends CommonServerOptions {
  /** How many servers. @default 3 */
  readonly size?: number | undefined;
  /** Holds one folder for each server. @default fresh temporary folders, removed by `stop()` */
  readonly storeDir?: string | undefined;
  /** The cluster's name and the start of the servers': `umbel-1`, `umbel-2`… Without spaces. @default "umbel" */
  readonly clusterName?: string | undefined;
  /**
   * For tests that cut servers off from each other: given the cluster port of a server and its place, the port of
   * the loopback address at which server `from` reaches it; `undefined` as `from` means any other way.
   * @default the port itself
   */
  readonly routeVia?: RouteVia | undefined;
}

/** Lays a way from a server of a cluster to another. */
export type RouteVia = (route: {
  readonly from: number | undefined;
  readonly to: number;
  readonly port: number;
}) => Promise<number>;

/**
 * Run several nats-servers as one cluster on this machine and wait until streams can be made on all of them.
 * Their HTTP monitoring is on. On Linux and macOS.
 *
 * @throws as `startServer` does; then none of the servers is left running.
 */
export async function startCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const { size = 3, clusterName = "umbel", startTimeoutMs = START_TIMEOUT_MS } = options;
  checkOptions(options, size);
  const binary = await binaryFor(options);
  const stores = await Promise.all(storePaths(options.storeDir, size).map(makeStoreDir));
  try {
    return await untilPortsAreFree(async () => {
      const plans = await planMembers({ ...options, clusterName, startTimeoutMs }, binary, stores);
      options.onProgress?.(`starting ${size} nats-servers ${binary.version} as the cluster ${clusterName}`);
      const servers = await bringUpAll(plans, options.signal);
      const ready = (): Promise<void> => requireReadyCluster(servers, startTimeoutMs);
      await ready().catch((error: unknown) => stopAndThrow(servers, error));
      return clusterOf(servers, ready);
    });
  } catch (error) {
    const temporary = stores.filter((store) => store.temporary);
    await Promise.all(temporary.map(({ path }) => rm(path, { recursive: true, force: true })));
    throw error;
  }
}

function checkOptions(options: LocalClusterOptions, size: number): void {
  if (!Number.isInteger(size) || size < 2 || size > 9) {
    const fix = "For a single server use startServer().";
    throw invalidArgument({ field: "size", received: size, expected: "a whole number from 2 to 9", fix });
  }
  checkName("clusterName", options.clusterName);
  checkCommonOptions(options);
}

function storePaths(storeDir: string | undefined, size: number): (string | undefined)[] {
  return Array.from({ length: size }, (_, index) =>
    storeDir === undefined ? undefined : join(storeDir, `server-${index + 1}`),
  );
}

type MemberOptions = LocalClusterOptions & { readonly clusterName: string; readonly startTimeoutMs: number };

async function planMembers(
  options: MemberOptions,
  binary: ServerBinary,
  stores: readonly StoreDir[],
): Promise<ServerPlan[]> {
  const size = stores.length;
  const ports = await freePorts(3 * size);
  const clusterPorts = ports.slice(2 * size);
  return Promise.all(
    stores.map(async (store, index) => {
      const { pidFile, ...files } = serverFiles(store.path);
      const {
        [index]: port = 0,
        [size + index]: monitorPort = 0,
        [2 * size + index]: clusterPort = 0,
      } = ports;
      const ways = await waysOf(index, clusterPorts, options.routeVia);
      return {
        binary,
        ...files,
        temporary: store.temporary,
        startTimeoutMs: options.startTimeoutMs,
        config: {
          name: `${options.clusterName}-${index + 1}`,
          port,
          monitorPort,
          storeDir: store.path,
          pidFile,
          syncInterval: options.syncInterval ?? SYNC_INTERVAL,
          cluster: { name: options.clusterName, port: clusterPort, ...ways },
          extra: options.extraConfig ?? "",
        },
      };
    }),
  );
}

async function waysOf(
  from: number,
  ports: readonly number[],
  via: RouteVia | undefined,
): Promise<{ readonly otherPorts: readonly number[]; readonly advertisedPort?: number }> {
  const others = ports.map((port, to) => ({ from, to, port })).filter(({ to }) => to !== from);
  if (via === undefined) return { otherPorts: others.map(({ port }) => port) };
  return {
    otherPorts: await Promise.all(others.map(via)),
    advertisedPort: await via({ from: undefined, to: from, port: ports[from] ?? 0 }),
  };
}

async function bringUpAll(
  plans: readonly ServerPlan[],
  signal: AbortSignal | undefined,
): Promise<LocalServer[]> {
  const starts = await Promise.allSettled(
    plans.map(async (plan) => new RunningServer(plan, await bringUp(plan, signal))),
  );
  const servers = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const failed = starts.find((start) => start.status === "rejected");
  return failed === undefined ? servers : stopAndThrow(servers, failed.reason);
}

// A temporary store is kept: another attempt, with other ports, may need it.
async function stopAndThrow(servers: readonly LocalServer[], error: unknown): Promise<never> {
  await Promise.all(servers.map((server) => server.stop({ keepStore: true })));
  throw error;
}
