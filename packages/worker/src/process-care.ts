import type { Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import { currentLoopAttempt } from "./executors/loop-attempt.ts";
import type { Worker } from "./worker.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** What a process ends with that a worker has ended. */
const EXIT = {
  /** Whatever it held was finished or handed back. */
  clean: 0,
  /** An error was not caught, or some runs were left for their ack-wait. */
  failed: 1,
  /** The broker does not let it in any more. */
  turnedAway: 3,
} as const;

/** All of this process: several workers end it together. */
const cares = new Set<ProcessCare>();

/**
 * Looks after the process of a worker.
 *
 * The first SIGTERM or SIGINT drains the worker, the second hurries it. An error that nobody caught is charged to
 * the run whose handler it comes from; then the worker drains, because such a process is not to be trusted for
 * long, and yet its other runs need not pay for it. Where the run is not known, the process ends at once, as Node
 * does by itself: a run that does so again and again is counted by its lost starts, which a drain would hide.
 *
 * Listeners of others come first: where there are any, the process is theirs to end, and for errors the worker
 * goes on.
 */
export class ProcessCare implements Disposable {
  readonly #logger: Logger;
  #phase: "starting" | "pulling" | Worker = "starting";
  #signal: NodeJS.Signals | undefined;
  #crashed = false;
  readonly #onSignal = (signal: NodeJS.Signals): void => this.#hearSignal(signal);
  readonly #onError = (error: unknown): void => this.#hearError(error);

  /** From now on signals are heard. */
  constructor(logger: Logger) {
    this.#logger = logger;
    cares.add(this);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** The worker may hold runs from now on: a signal must wait for it. */
  expectRuns(): void {
    this.#phase = "pulling";
  }

  /** This is the worker. A signal that came before it reaches it now. */
  attach(worker: Worker): void {
    this.#phase = worker;
    process.prependListener("uncaughtException", this.#onError);
    void worker.stopped.then(() => this.#onStopped(worker));
    if (this.#signal !== undefined) void worker.stop({ reason: this.#signal });
  }

  /** Leave the process alone. */
  [Symbol.dispose](): void {
    cares.delete(this);
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
    process.removeListener("uncaughtException", this.#onError);
  }

  get #worker(): Worker | undefined {
    return typeof this.#phase === "object" ? this.#phase : undefined;
  }

  #hearSignal(signal: NodeJS.Signals): void {
    const again = this.#signal !== undefined;
    this.#signal ??= signal;
    void this.#worker?.stop({ reason: signal, hurry: again });
    // Nothing was pulled yet: there is nothing to hand back.
    const idle = [...cares].every((care) => care.#phase === "starting");
    if (idle && process.listenerCount(signal) === cares.size) process.exit(EXIT.clean);
  }

  #hearError(error: unknown): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    const { id: workerId, runIds } = worker;
    const attempt = currentLoopAttempt();
    if (attempt === undefined || attempt.workerId === workerId) {
      const charged = attempt?.charge(error) ?? false;
      logEvent(this.#logger, "worker.crashed", { workerId, ...attempt?.run, charged, runIds, error });
    }
    const attached = [...cares].filter((care) => care.#worker !== undefined);
    if (process.listenerCount("uncaughtException") > attached.length) return;
    if (attempt === undefined) return process.exit(EXIT.failed);
    this.#crashed = true;
    void worker.stop({ reason: "an error was not caught" });
  }

  #onStopped(worker: Worker): void {
    const code = this.#exitCode(worker);
    const signal = this.#signal;
    const alone = signal === undefined || process.listenerCount(signal) === cares.size;
    this[Symbol.dispose]();
    // Whoever stopped it otherwise has other plans, but not with a worker that failed.
    if (code !== EXIT.clean) process.exitCode ??= code;
    if ((signal === undefined && !this.#crashed) || !alone || cares.size > 0) return;
    this.#logger.debug({ signal }, "the worker has stopped: ending the process");
    process.exit(process.exitCode ?? EXIT.clean);
  }

  #exitCode({ failure, leftRunIds }: Worker): number {
    if (failure !== undefined) return EXIT.turnedAway;
    return this.#crashed || leftRunIds.length > 0 ? EXIT.failed : EXIT.clean;
  }
}
