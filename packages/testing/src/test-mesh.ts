import {
  connectBroker,
  deleteStreams,
  listDeadLetters,
  type BrokerConnection,
  type ConnectionOptions,
  type StoredDeadLetter,
} from "@umbel/broker";
import { connect, type ConnectOptions, type Mesh, type RunInfo, type RunState } from "@umbel/client";
import type { LocalCluster, LocalServer } from "@umbel/nats-server";
import { UmbelError } from "@umbel/protocol";
import { eventually, withDeadline, type EventuallyOptions } from "@umbel/runtime";
import { startWorker, type Worker, type WorkerOptions } from "@umbel/worker";
import type { LogLines } from "./log-lines.ts";
import { spawnWorker, type WorkerProcess } from "./spawn-worker.ts";
import { stopTestServers, type TestServers } from "./test-servers.ts";
import type { WorkerProcessSetup } from "./worker-process-messages.ts";

/** Options of a worker of a test mesh: where it connects is the mesh's matter. */
export type TestWorkerOptions = Omit<WorkerOptions, "servers" | "mesh">;

/** Options of a worker in a process of its own. */
export type SpawnWorkerOptions = Omit<WorkerProcessSetup, "servers" | "mesh"> & {
  /** Environment variables over those of this process. */
  readonly env?: Readonly<Record<string, string>>;
};

/** What a {@link TestMesh} is made of. */
export interface TestMeshParts {
  readonly servers: TestServers;
  /** How everything connects: servers, mesh, credentials and the logger. */
  readonly connection: ConnectionOptions & { readonly mesh: string };
  readonly replicas: 1 | 3;
  readonly log: LogLines;
}

const PATIENCE_MS = 30_000;
const SETTLE_MS = 500;
const DELETE_DEADLINE_MS = 2_000;

/** A mesh for one test, on a real server. Made by {@link createTestMesh}. */
export class TestMesh implements AsyncDisposable {
  /** A client that is connected. */
  readonly client: Mesh;
  /** What the client and the workers in this process have logged. */
  readonly log: LogLines;
  readonly #parts: TestMeshParts;
  readonly #connection: BrokerConnection;
  readonly #clients: Mesh[] = [];
  readonly #workers: Worker[] = [];
  readonly #processes: WorkerProcess[] = [];
  readonly #killProcesses = (): void => this.#processes.forEach((child) => child.kill());
  #closing: Promise<void> | undefined;

  private constructor(parts: TestMeshParts, client: Mesh, connection: BrokerConnection) {
    this.client = client;
    this.log = parts.log;
    this.#parts = parts;
    this.#connection = connection;
    process.once("exit", this.#killProcesses);
  }

  /** Connect to the servers of `parts`. @throws as `connect` does */
  static async open(parts: TestMeshParts): Promise<TestMesh> {
    const client = await connect({ ...parts.connection, provision: { replicas: parts.replicas } });
    return new TestMesh(parts, client, await connectBroker(parts.connection));
  }

  get name(): string {
    return this.#parts.connection.mesh;
  }

  /** The first server's URL. */
  get url(): string {
    return this.urls[0] ?? "";
  }

  get urls(): readonly string[] {
    return this.#parts.servers.urls;
  }

  /** The mesh's own server, to be killed and restarted. @throws UmbelError when it has no single one of its own */
  get server(): LocalServer {
    if (this.#parts.servers.kind === "server") return this.#parts.servers.server;
    throw notItsOwn("a server", this.#parts.servers);
  }

  /** The mesh's own cluster. @throws UmbelError when it has none */
  get cluster(): LocalCluster {
    if (this.#parts.servers.kind === "cluster") return this.#parts.servers.cluster;
    throw notItsOwn("a cluster", this.#parts.servers);
  }

  /** Another client, closed with the mesh. @throws as `connect` does */
  async connect(options: Omit<ConnectOptions, "servers" | "mesh"> = {}): Promise<Mesh> {
    const client = await connect({ ...this.#parts.connection, ...options });
    this.#clients.push(client);
    return client;
  }

  /** A worker in this process that pulls, stopped with the mesh. It does not listen to signals. @throws as `startWorker` does */
  async startWorker(options: TestWorkerOptions): Promise<Worker> {
    const { connection, replicas } = this.#parts;
    const worker = await startWorker({ signals: false, replicas, ...connection, ...options });
    this.#workers.push(worker);
    return worker;
  }

  /** A worker in a process of its own that pulls, killed with the mesh. @throws as `startWorker` does */
  async spawnWorker(options: SpawnWorkerOptions): Promise<WorkerProcess> {
    const { env, modules = [], ...rest } = options;
    const { logger: _, ...connection } = this.#parts.connection;
    const urls = modules.map((module) => (module instanceof URL ? module.href : module));
    const setup = { replicas: this.#parts.replicas, ...connection, ...rest, modules: urls };
    const child = await spawnWorker(setup, env);
    this.#processes.push(child);
    return child;
  }

  /** The dead letters of the mesh, oldest first; the first hundred. @throws UmbelError when it cannot be asked */
  deadLetters(): Promise<readonly StoredDeadLetter[]> {
    return listDeadLetters(this.#connection);
  }

  /** Wait until a run is in one of `states`; resolves to what is known of it then. @throws Error when it does not get there */
  waitForState(
    runId: string,
    states: RunState | readonly RunState[],
    options?: EventuallyOptions,
  ): Promise<RunInfo> {
    const wanted: readonly RunState[] = typeof states === "string" ? [states] : states;
    const probe = async (): Promise<RunInfo | undefined> => {
      const info = await this.client.run(runId).info();
      if (wanted.includes(info.state)) return info;
      throw new Error(`it is ${info.state}`);
    };
    return this.eventually(`run ${runId} is ${wanted.join(" or ")}`, probe, options);
  }

  /** `eventually` with the patience of a busy machine: 30 seconds. */
  eventually<T>(
    what: string,
    probe: () => T | undefined | false | Promise<T | undefined | false>,
    options: EventuallyOptions = {},
  ): Promise<T> {
    return eventually(what, probe, { timeoutMs: PATIENCE_MS, ...options });
  }

  /** Kill the processes, stop the workers, close the clients, and stop the servers if they are the mesh's own. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // What has ended is settled before its streams go.
  async #untilIdle(): Promise<void> {
    const idle = (): boolean => this.#workers.every(({ runIds }) => runIds.length === 0);
    await eventually("no worker holds a run", idle, { timeoutMs: SETTLE_MS }).catch(() => undefined);
  }

  async #close(): Promise<void> {
    process.removeListener("exit", this.#killProcesses);
    this.#killProcesses();
    const stopped = this.#workers.map((worker) => worker.stop({ hurry: true }));
    await this.#untilIdle();
    // Without its streams no pull is outstanding any more: workers need not wait for them to expire.
    await withDeadline(
      deleteStreams(this.#connection).catch(() => undefined),
      DELETE_DEADLINE_MS,
    );
    await Promise.all(stopped);
    await Promise.all([this.client, ...this.#clients, this.#connection].map((open) => open.close()));
    await Promise.all(this.#processes.map(({ exited }) => exited));
    await stopTestServers(this.#parts.servers);
  }
}

function notItsOwn(what: string, { kind, urls }: TestServers): UmbelError {
  const has = kind === "shared" ? `it shares ${urls.join(", ")}` : `it runs a ${kind}`;
  return new UmbelError("invalid_argument", `the test mesh has not ${what} of its own: ${has}.`);
}
