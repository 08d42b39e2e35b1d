import { rm } from "node:fs/promises";
import { withDeadline } from "@umbel/runtime";
import { bringUp } from "./bring-up.ts";
import type { LocalServer, StopOptions } from "./local-server.ts";
import type { ServerPlan } from "./server-plan.ts";
import type { ServerExit, ServerProcess } from "./server-process.ts";

const STOP_DEADLINE_MS = 10_000;

/** A server that was started, whatever became of it. Stops and restarts happen one after another. */
export class RunningServer implements LocalServer {
  readonly #plan: ServerPlan;
  #process: ServerProcess;
  #turn: Promise<void> = Promise.resolve();

  constructor(plan: ServerPlan, process: ServerProcess) {
    this.#plan = plan;
    this.#process = process;
  }

  get name(): string {
    return this.#plan.config.name;
  }
  get version(): string {
    return this.#plan.binary.version;
  }
  get port(): number {
    return this.#plan.config.port;
  }
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }
  get monitorUrl(): string | undefined {
    const port = this.#plan.config.monitorPort;
    return port === undefined ? undefined : `http://127.0.0.1:${port}`;
  }
  get storeDir(): string {
    return this.#plan.config.storeDir;
  }
  get logFile(): string {
    return this.#plan.logFile;
  }
  get pid(): number {
    return this.#process.pid;
  }
  get exited(): Promise<ServerExit> {
    return this.#process.exited;
  }

  async stop({ keepStore = false }: StopOptions = {}): Promise<void> {
    return this.#inTurn(async () => {
      await this.#terminate();
      if (this.#plan.temporary && !keepStore) await rm(this.storeDir, { recursive: true, force: true });
    });
  }

  async kill(): Promise<void> {
    // At once, not after a stop that may be taking its time.
    this.#process.end("SIGKILL");
    return this.#inTurn(async () => {
      this.#process.end("SIGKILL");
      await this.#process.exited;
    });
  }

  async restart(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#terminate();
      this.#process = await bringUp(this.#plan);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #terminate(): Promise<void> {
    this.#process.end("SIGTERM");
    if ((await withDeadline(this.#process.exited, STOP_DEADLINE_MS)) !== undefined) return;
    this.#process.end("SIGKILL");
    await this.#process.exited;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
