import { startCluster, startServer } from "@umbel/nats-server";
import { afterAll, beforeAll } from "vitest";

/** How many copies of a stream there are: on one server alone, or on each server of a cluster of three. */
export type Replication = "R1" | "R3";

/** What a mesh can be made on. */
export interface Broker {
  readonly urls: readonly string[];
  readonly replicas: number;
}

/** Run the servers of `replication` for all tests of the surrounding block. */
export function useBroker(replication: Replication): Broker {
  let running: (Broker & AsyncDisposable) | undefined;
  beforeAll(async () => {
    running = replication === "R1" ? await singleServer() : await threeServers();
  });
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
  });
  return {
    replicas: replication === "R1" ? 1 : 3,
    get urls() {
      if (running === undefined) throw new Error("the servers run only while tests run");
      return running.urls;
    },
  };
}

async function singleServer(): Promise<Broker & AsyncDisposable> {
  const server = await startServer();
  return { urls: [server.url], replicas: 1, [Symbol.asyncDispose]: () => server.stop() };
}

async function threeServers(): Promise<Broker & AsyncDisposable> {
  const cluster = await startCluster();
  return { urls: cluster.urls, replicas: 3, [Symbol.asyncDispose]: () => cluster.stop() };
}
