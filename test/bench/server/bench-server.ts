import { connectBroker, provisionConsumers, provisionStreams, type BrokerConnection } from "@umbel/broker";
import { startCluster, startServer, type LocalServer } from "@umbel/nats-server";
import { DEFAULT_ACK_WAIT_MS } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { monotonicMs } from "../measure/clock.ts";
import { BENCH_QUEUE, WARM_QUEUE } from "../work/tasks.ts";

const DRAIN_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 2;

/** A fresh server with the streams and consumers of a mesh, the same for both sides. */
export class BenchServer implements AsyncDisposable {
  readonly #servers: readonly LocalServer[];
  readonly #connection: BrokerConnection;
  /** What an acknowledgement is worth here: `"R1 file, sync_interval 1s"`. */
  readonly durability: string;

  private constructor(servers: readonly LocalServer[], connection: BrokerConnection, durability: string) {
    this.#servers = servers;
    this.#connection = connection;
    this.durability = durability;
  }

  /**
   * @param syncInterval how often the server forces its data to the disk.
   * @param copies how many servers hold every message.
   */
  static async start(syncInterval: string, copies: 1 | 3 = 1): Promise<BenchServer> {
    const servers = await startServers(syncInterval, copies);
    const connection = await connectBroker({ servers: servers.map(({ url }) => url) });
    const streams = await provisionStreams(connection);
    for (const queue of [BENCH_QUEUE, WARM_QUEUE])
      await provisionConsumers(connection, queue, DEFAULT_ACK_WAIT_MS);
    const tasks = streams.find(({ name }) => name === connection.streams.tasks);
    const durability = `R${tasks?.replicas} ${tasks?.storage}, sync_interval ${syncInterval}`;
    return new BenchServer(servers, connection, durability);
  }

  /** For clients; several are separated by commas. */
  get url(): string {
    return this.#servers.map(({ url }) => url).join(",");
  }

  get version(): string {
    return this.#servers[0]?.version ?? "";
  }

  /** The processes of the servers. */
  get pids(): readonly number[] {
    return this.#servers.map(({ pid }) => pid);
  }

  /** How many runs wait or are being executed. */
  queuedRuns(): Promise<number> {
    return this.#messagesOf(this.#connection.streams.tasks);
  }

  /** How many runs have an outcome. */
  storedOutcomes(): Promise<number> {
    return this.#messagesOf(this.#connection.streams.results);
  }

  /** Wait until every run is acked. Resolves to when it was, by the clock that processes share. */
  async untilAllAcked(): Promise<number> {
    await eventually("every run is acked", async () => (await this.queuedRuns()) === 0, {
      timeoutMs: DRAIN_TIMEOUT_MS,
      everyMs: LOOK_EVERY_MS,
    });
    return monotonicMs();
  }

  /** A page of the server's monitoring: `"varz"`, `"connz?subs=1"`. */
  async monitor(page: string): Promise<unknown> {
    const response = await fetch(`${this.#servers[0]?.monitorUrl}/${page}`);
    return response.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async #messagesOf(stream: string): Promise<number> {
    return (await this.#connection.manager.streams.info(stream)).state.messages;
  }
}

async function startServers(syncInterval: string, copies: 1 | 3): Promise<readonly LocalServer[]> {
  if (copies === 1) return [await startServer({ syncInterval, monitor: true })];
  return (await startCluster({ syncInterval, size: copies })).servers;
}
