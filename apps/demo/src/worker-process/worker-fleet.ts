import { SMTP_VARIABLE } from "../mail/deliver.ts";
import type { Sizes } from "../sizes.ts";
import { WorkerProcess } from "./worker-process.ts";

/** What a {@link WorkerFleet} needs. */
export interface FleetOptions {
  readonly servers: string;
  readonly smtpUrl: string;
  readonly sizes: Sizes;
  readonly logDir: string;
}

/** Which handlers a worker has. */
export type Role = "handlers" | "inline-handlers";

/** The worker processes of the demo. */
export class WorkerFleet implements AsyncDisposable {
  readonly #options: FleetOptions;
  readonly #workers = new Set<WorkerProcess>();
  #started = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Those that run. */
  get all(): readonly WorkerProcess[] {
    return [...this.#workers];
  }

  /** Start another one, with `threads` threads. @throws UmbelError when it does not come up */
  async start(threads: number, role: Role = "handlers"): Promise<WorkerProcess> {
    const { servers, smtpUrl, sizes, logDir } = this.#options;
    this.#started += 1;
    const worker = await WorkerProcess.start({
      name: `worker-${this.#started}`,
      servers,
      threads,
      modules: [new URL(`../handlers/${role}.ts`, import.meta.url).href],
      slots: sizes.slots,
      ackWaitMs: sizes.ackWaitMs,
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
