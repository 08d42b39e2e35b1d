import { SMTP_VARIABLE } from "../mail/deliver.ts";
import { WorkerProcess } from "./worker-process.ts";

/** What a {@link WorkerFleet} needs. */
export interface FleetOptions {
  readonly servers: string;
  readonly smtpUrl: string;
  readonly ackWaitMs: number;
  readonly logDir: string;
}

/** A worker that is to be started. */
export interface WorkerSpec {
  /** Which handlers it has. */
  readonly role: "handlers" | "inline-handlers";
  readonly threads: number;
  readonly slots: number;
}

/** The worker processes of the demo. */
export class WorkerFleet implements AsyncDisposable {
  readonly #options: FleetOptions;
  readonly #workers = new Set<WorkerProcess>();
  #started = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Those that run, by name. */
  get all(): readonly WorkerProcess[] {
    return [...this.#workers].sort((one, other) => one.name.localeCompare(other.name));
  }

  /** Start another one. @throws UmbelError when it does not come up */
  async start({ role, threads, slots }: WorkerSpec): Promise<WorkerProcess> {
    const { servers, smtpUrl, ackWaitMs, logDir } = this.#options;
    this.#started += 1;
    const worker = await WorkerProcess.start({
      name: `worker-${this.#started}`,
      servers,
      threads,
      modules: [new URL(`../handlers/${role}.ts`, import.meta.url).href],
      slots,
      ackWaitMs,
      logDir,
      env: { [SMTP_VARIABLE]: smtpUrl },
    });
    this.#workers.add(worker);
    return worker;
  }

  /** SIGKILL one. */
  async kill(worker: WorkerProcess): Promise<void> {
    this.#workers.delete(worker);
    await worker.kill();
  }

  /** Stop one cleanly. */
  async stop(worker: WorkerProcess): Promise<void> {
    this.#workers.delete(worker);
    await worker[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((worker) => this.stop(worker)));
  }
}
