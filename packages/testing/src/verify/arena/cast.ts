import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { UmbelError } from "@umbel/protocol";
import { spawnWorker } from "../../spawn-worker.ts";
import { Journal, JOURNAL_VARIABLE } from "../history/journal.ts";
import { PRODUCER_VARIABLE, type ProducerSetup } from "../programs/producer-setup.ts";
import { SKEW_VARIABLE } from "../programs/skewed-clock.ts";
import { QUEUES } from "../programs/tasks.ts";
import { Post, type PostProcess, type StartProcess } from "./post.ts";
import type { Site } from "./site.ts";

/** The times that a verification's workers are given, in milliseconds. */
export const WORKER_TIMES = { ackWaitMs: 3_000, drainMs: 3_000, abortMs: 1_000 } as const;
/** What a worker may take to end: its drain, its aborts, and a busy machine. */
export const DRAIN_GRACE_MS: number = WORKER_TIMES.drainMs + WORKER_TIMES.abortMs + 6_000;

/** What a {@link Cast} is made of. */
export interface CastOptions {
  readonly site: Site;
  /** The folder of the history. */
  readonly folder: string;
  readonly planFile: string;
  readonly workers: number;
  readonly producers: number;
}

/** All processes of a verification, each at its post. */
export class Cast implements AsyncDisposable {
  readonly workers: readonly Post[];
  readonly producers: readonly Post[];
  /** What whoever verifies does is written here. */
  readonly journal: Journal;
  readonly #options: CastOptions;
  #beganAt = 0;

  private constructor(options: CastOptions, journal: Journal, posts: Pick<Cast, "workers" | "producers">) {
    this.#options = options;
    this.journal = journal;
    this.workers = posts.workers;
    this.producers = posts.producers;
  }

  /** Start the workers, and let none produce yet. @throws as `startWorker` does */
  static async assemble(options: CastOptions): Promise<Cast> {
    const journal = new Journal(options.folder, "conductor");
    const open = (kind: string, count: number): Promise<Post[]> =>
      Promise.all(
        Array.from({ length: count }, (_, index) => Post.open(options.site, `${kind} ${index + 1}`, journal)),
      );
    const workers = await open("worker", options.workers);
    const producers = await open("producer", options.producers);
    const cast = new Cast(options, journal, { workers, producers });
    await Promise.all(workers.map((post) => post.fill(cast.startWorker())));
    return cast;
  }

  /** Let the producers begin. The plan begins now. */
  async produce(): Promise<void> {
    this.#beganAt = Date.now();
    await Promise.all(this.producers.map((post, index) => post.fill(this.startProducer(index))));
  }

  /** How a worker is started, whose clock is wrong by `skewMs`. */
  startWorker(skewMs = 0): StartProcess {
    const { site, folder } = this.#options;
    const { ackWaitMs, drainMs, abortMs } = WORKER_TIMES;
    const setup = {
      ...site.connection,
      replicas: site.replicas,
      modules: [program("handlers").href],
      queues: Object.values(QUEUES),
      concurrency: 20,
      threads: 2,
      ackWait: ackWaitMs,
      drainTimeout: drainMs,
      abortGrace: abortMs,
      crashLoopLimit: 100,
    };
    const env = { [JOURNAL_VARIABLE]: folder, [SKEW_VARIABLE]: String(skewMs) };
    return async (servers) => {
      const worker = await spawnWorker({ ...setup, servers }, env);
      const { pid, exited } = worker;
      return { pid, exited, kill: (signal) => worker.kill(signal) };
    };
  }

  /** How producer `index` is started, to do what is left of its part. */
  startProducer(index: number): StartProcess {
    const { site, folder, planFile } = this.#options;
    return (servers) =>
      spawnProducer({
        planFile,
        producer: index,
        beganAt: this.#beganAt,
        journal: folder,
        connection: { ...site.connection, servers },
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers, ...this.producers].map((post) => post[Symbol.asyncDispose]()));
  }
}

// The programs are TypeScript where this is, and JavaScript where this was built.
function program(name: string): URL {
  return new URL(`../programs/${name}${extname(import.meta.url)}`, import.meta.url);
}

async function spawnProducer(setup: ProducerSetup): Promise<PostProcess> {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(program("producer"))], {
    env: { ...process.env, [PRODUCER_VARIABLE]: JSON.stringify(setup) },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const exited = once(child, "exit").then(([code]: unknown[]) => ({
    code: typeof code === "number" ? code : undefined,
  }));
  const ready = once(child, "message").then(() => true);
  const early = exited.then(() => false);
  if (!(await Promise.race([ready, early]))) {
    throw new UmbelError("internal", "a producer has ended before it could begin");
  }
  return { pid: child.pid ?? 0, exited, kill: (signal = "SIGKILL") => void child.kill(signal) };
}
