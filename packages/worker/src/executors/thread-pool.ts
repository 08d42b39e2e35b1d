import type { TransferListItem } from "node:worker_threads";
import { UmbelError } from "@umbel/protocol";
import type { Lane } from "./thread-lane.ts";
import type { ThreadResult, ThreadTask } from "./thread-messages.ts";

/** What a {@link ThreadPool} is made with. */
export interface ThreadPoolOptions {
  readonly threads: number;
  /** Runs after which a thread is replaced; `undefined` when it is kept. */
  readonly maxRuns: number | undefined;
  /** Start a thread. */
  readonly open: () => Lane;
  /** A thread that was to replace another did not start. The other goes on; it is tried again. */
  readonly onSpareError: (error: unknown) => void;
}

/** One run for a thread. */
export interface ThreadWork {
  readonly task: ThreadTask;
  readonly transferList: readonly TransferListItem[];
  /** Aborts when the thread shall be ended. */
  readonly kill: AbortSignal;
}

/** How many threads there are, and what they do. */
export interface ThreadCounts {
  /** As many as are wanted. */
  readonly total: number;
  readonly busy: number;
  /** Replaced so far because they had executed as many runs as they may. */
  readonly replaced: number;
}

/**
 * As many threads as are wanted, each with one run at a time. A thread that ends is replaced. One that has
 * executed as many runs as it may is replaced between two runs, once its successor is ready: until then it goes
 * on. There is one successor at a time, so that threads that become due together do not all start theirs.
 */
export class ThreadPool implements AsyncDisposable {
  readonly #options: ThreadPoolOptions;
  readonly #lanes = new Set<Lane>();
  #idle: Lane[] = [];
  #size: number;
  #spare: Spare | undefined;
  #replaced = 0;
  #disposed = false;

  /** The threads start now. */
  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#size = options.threads;
    this.#fill();
  }

  get counts(): ThreadCounts {
    return { total: this.#size, busy: this.#lanes.size - this.#idle.length, replaced: this.#replaced };
  }

  /** Execute one run, on a thread more than there should be when all are busy. @throws when its thread ends */
  async run({ task, transferList, kill }: ThreadWork): Promise<ThreadResult> {
    const lane = this.#take();
    const end = (): void => void lane.end();
    kill.addEventListener("abort", end, { once: true });
    try {
      return await lane.run(task, transferList);
    } finally {
      kill.removeEventListener("abort", end);
      this.#giveBack(lane);
    }
  }

  /** Have as many threads from now on. Those that are too many end with their runs. */
  resize(threads: number): void {
    this.#size = threads;
    while (this.#lanes.size > threads) {
      const lane = this.#idle.shift();
      if (lane === undefined) return;
      this.#retire(lane);
    }
    this.#fill();
  }

  /** End all threads, whatever they do. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const lanes = [...this.#lanes, ...(this.#spare === undefined ? [] : [this.#spare.lane])];
    this.#spare = undefined;
    this.#lanes.clear();
    this.#idle = [];
    await Promise.all(lanes.map((lane) => lane.end()));
  }

  #take(): Lane {
    if (this.#disposed) throw new UmbelError("connection_closed", "the worker has stopped.");
    for (;;) {
      const lane = this.#idle.pop() ?? this.#open();
      if (lane.ended) {
        this.#retire(lane);
        continue;
      }
      if (this.#isDue(lane, 1)) this.#prepareSpare();
      return lane;
    }
  }

  #giveBack(lane: Lane): void {
    if (this.#disposed) return;
    if (lane.ended || this.#lanes.size > this.#size) {
      this.#retire(lane);
      this.#fill();
    } else if (this.#isDue(lane, 0)) {
      // At the far end: the others are taken before it.
      this.#idle.unshift(lane);
      this.#replaceDue();
    } else this.#idle.push(lane);
  }

  #fill(): void {
    while (this.#lanes.size < this.#size) this.#idle.push(this.#open());
  }

  #open(): Lane {
    const lane = this.#options.open();
    this.#lanes.add(lane);
    return lane;
  }

  #retire(lane: Lane): void {
    this.#lanes.delete(lane);
    void lane.end();
  }

  /** Whether `lane` has executed as many runs as it may, with `more` runs. */
  #isDue(lane: Lane, more: number): boolean {
    const { maxRuns } = this.#options;
    return maxRuns !== undefined && lane.runs + more >= maxRuns;
  }

  #prepareSpare(): void {
    if (this.#spare !== undefined || this.#disposed) return;
    const spare = { lane: this.#options.open(), ready: false };
    this.#spare = spare;
    void this.#awaitSpare(spare);
  }

  async #awaitSpare(spare: Spare): Promise<void> {
    try {
      await spare.lane.ready();
    } catch (error) {
      if (this.#disposed) return;
      this.#spare = undefined;
      void spare.lane.end();
      this.#options.onSpareError(error);
      return;
    }
    spare.ready = true;
    this.#replaceDue();
  }

  // The successor takes the place of a thread that is due and has nothing to do now.
  #replaceDue(): void {
    const spare = this.#spare;
    const index = this.#idle.findIndex((lane) => this.#isDue(lane, 0));
    const due = this.#idle[index];
    if (spare?.ready !== true || due === undefined || this.#disposed) return;
    this.#idle.splice(index, 1);
    this.#retire(due);
    this.#spare = undefined;
    this.#replaced += 1;
    this.#lanes.add(spare.lane);
    this.#idle.push(spare.lane);
    if ([...this.#lanes].some((lane) => this.#isDue(lane, 0))) this.#prepareSpare();
  }
}

/** The successor of a thread. */
interface Spare {
  readonly lane: Lane;
  ready: boolean;
}
