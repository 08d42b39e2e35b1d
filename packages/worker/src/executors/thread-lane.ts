import type { ResourceLimits, TransferListItem } from "node:worker_threads";
import { Piscina } from "piscina";
import type { ThreadResult, ThreadSetup, ThreadTask } from "./thread-messages.ts";

/** One thread as a {@link ThreadPool} sees it: it takes one run at a time, until it ends. */
export interface Lane {
  /** Whether the thread has ended: by itself, or because it was ended. */
  readonly ended: boolean;
  /** How many runs it was given so far. */
  readonly runs: number;
  /** Execute one run. @throws when the thread ends first, of itself or by {@link end} */
  run(task: ThreadTask, transferList: readonly TransferListItem[]): Promise<ThreadResult>;
  /** Resolves when its modules are loaded, or cannot be. @throws when the thread ends first */
  ready(): Promise<void>;
  /** End the thread, whatever it does. Resolves when it has ended. */
  end(): Promise<void>;
}

/** What every thread of a worker is started with. */
export interface LaneOptions {
  readonly modules: readonly string[];
  readonly limits: ResourceLimits | undefined;
  /** The thread has ended while it executed nothing. */
  readonly onIdleError: (error: unknown) => void;
}

/** One thread, from its start to its end: a pool of the library that is never given a second one. */
export class ThreadLane implements Lane {
  readonly #pool: Piscina<ThreadTask | undefined, ThreadResult>;
  #runs = 0;
  #ended = false;
  #end: Promise<void> | undefined;

  constructor({ modules, limits, onIdleError }: LaneOptions) {
    this.#pool = new Piscina<ThreadTask | undefined, ThreadResult>({
      filename: import.meta.resolve("@umbel/worker/thread"),
      name: "execute",
      // One from the start: what is given to a thread that was started later waits for ever if that dies early.
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 1,
      // Otherwise a thread sleeps between two runs, and with it whatever its modules do in the background.
      atomics: "disabled",
      recordTiming: false,
      workerData: { modules } satisfies ThreadSetup,
      ...(limits === undefined ? {} : { resourceLimits: limits }),
    });
    this.#pool.on("error", onIdleError);
    this.#pool.on("workerDestroy", () => {
      this.#ended = true;
      // The library starts another thread at once; whoever needs one opens a lane.
      queueMicrotask(() => void this.end());
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  get runs(): number {
    return this.#runs;
  }

  run(task: ThreadTask, transferList: readonly TransferListItem[]): Promise<ThreadResult> {
    this.#runs += 1;
    return this.#pool.run(task, { transferList: [...transferList] });
  }

  async ready(): Promise<void> {
    await this.#pool.run(undefined, { name: "load" });
  }

  end(): Promise<void> {
    this.#ended = true;
    this.#end ??= this.#pool.destroy();
    return this.#end;
  }
}
