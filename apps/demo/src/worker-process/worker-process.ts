import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { UmbelError } from "@umbel/protocol";
import { withDeadline } from "@umbel/runtime";
import { fromWorker, type ToWorker, type WorkerConfig, type WorkerReport } from "./worker-messages.ts";

/** What {@link WorkerProcess.start} takes. */
export interface WorkerProcessOptions extends WorkerConfig {
  /** Where its log file goes. */
  readonly logDir: string;
  /** Variables that it gets besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const STOP_MS = 10_000;

/** A worker in a process of its own, which ends when this process does. */
export class WorkerProcess implements AsyncDisposable {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #workerId = "";
  #report: PromiseWithResolvers<WorkerReport> | undefined;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#exited = once(child, "exit");
  }

  /** Start one; resolves when it is ready to take runs. @throws UmbelError when it does not come up */
  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const { logDir, env = {}, ...config } = options;
    const log = openSync(join(logDir, `${config.name}.log`), "a");
    const child = fork(new URL("./worker-main.ts", import.meta.url), [JSON.stringify(config)], {
      env: { ...process.env, ...env },
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    const worker = new WorkerProcess(config.name, child);
    await worker.#ready();
    return worker;
  }

  /** Unique among all workers of all times. */
  get workerId(): string {
    return this.#workerId;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it does at this moment. @throws UmbelError when it is gone */
  async report(): Promise<WorkerReport> {
    if (this.#report === undefined) {
      if (!this.#child.connected) throw gone(this.name);
      this.#report = Promise.withResolvers<WorkerReport>();
      this.#send({ type: "report" });
    }
    return this.#report.promise;
  }

  /** Begin to measure the delay of its event loop. */
  measure(): void {
    this.#send({ type: "measure" });
  }

  /** SIGKILL: it has no chance to say or to save anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** Stop it cleanly; SIGKILL when that takes too long. Safe to call when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#send({ type: "stop" });
    const exited = this.#exited.then(() => true);
    if ((await withDeadline(exited, STOP_MS)) !== true) await this.kill();
  }

  async #ready(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#child.on("message", (message: unknown) => {
      const parsed = fromWorker.parse(message);
      if (parsed.type === "ready") resolve(parsed.workerId);
      else if (parsed.type === "failed")
        reject(new UmbelError("internal", `${this.name}: ${parsed.message}`));
      else this.#answer(parsed.report);
    });
    this.#child.once("exit", () => {
      reject(gone(this.name));
      this.#report?.reject(gone(this.name));
    });
    this.#workerId = await promise;
  }

  #answer(report: WorkerReport): void {
    this.#report?.resolve(report);
    this.#report = undefined;
  }

  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

function gone(name: string): UmbelError {
  return new UmbelError("internal", `the process of ${name} has ended: its log says why.`);
}
