import { connectBroker, provisionConsumers, provisionStreams, type BrokerConnection } from "@umbel/broker";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { DEFAULT_ACK_WAIT_MS } from "@umbel/protocol";
import { eventually } from "@umbel/runtime";
import { monotonicMs } from "../measure/clock.ts";
import { BENCH_QUEUE, WARM_QUEUE } from "../work/tasks.ts";

const DRAIN_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 2;

/** A fresh server with the streams and consumers of a mesh, the same for both sides. */
export class BenchServer implements AsyncDisposable {
  readonly #server: LocalServer;
  readonly #connection: BrokerConnection;
  /** What an acknowledgement is worth here: `"R1 file, sync_interval 1s"`. */
  readonly durability: string;

  private constructor(server: LocalServer, connection: BrokerConnection, durability: string) {
    this.#server = server;
    this.#connection = connection;
    this.durability = durability;
  }

  /** @param syncInterval how often the server forces its data to the disk. */
  static async start(syncInterval: string): Promise<BenchServer> {
    const server = await startServer({ syncInterval, monitor: true });
    const connection = await connectBroker({ servers: server.url });
    const streams = await provisionStreams(connection);
    for (const queue of [BENCH_QUEUE, WARM_QUEUE])
      await provisionConsumers(connection, queue, DEFAULT_ACK_WAIT_MS);
    const tasks = streams.find(({ name }) => name === connection.streams.tasks);
    const durability = `R${tasks?.replicas} ${tasks?.storage}, sync_interval ${syncInterval}`;
    return new BenchServer(server, connection, durability);
  }

  get url(): string {
    return this.#server.url;
  }

  get version(): string {
    return this.#server.version;
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
    const response = await fetch(`${this.#server.monitorUrl}/${page}`);
    return response.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
    await this.#server.stop();
  }

  async #messagesOf(stream: string): Promise<number> {
    return (await this.#connection.manager.streams.info(stream)).state.messages;
  }
}
