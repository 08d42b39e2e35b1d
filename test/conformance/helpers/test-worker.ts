import {
  CreditPuller,
  provisionConsumers,
  type BrokerConnection,
  type Delivery,
  type PullSource,
} from "@umbel/broker";
import { DEFAULT_ACK_WAIT_MS } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import { sourceOf } from "./runs.ts";

/** How a {@link TestWorker} behaves. */
export interface TestWorkerOptions {
  /** @default every priority of the queue "q" */
  readonly sources?: readonly PullSource[];
  /** @default 1 */
  readonly slots?: number;
  /** What it does with a run that it has begun. @default nothing: the run stays in its slot */
  readonly onRun?: (delivery: Delivery, worker: TestWorker) => void;
  /** @default the queue's consumers are made again */
  readonly repair?: (source: PullSource) => Promise<void>;
}

/** Pulls runs into slots, as a worker does, and remembers all that it was given. */
export class TestWorker {
  /** Everything that was accepted, in order. */
  readonly begun: Delivery[] = [];
  readonly running = new Set<Delivery>();
  readonly puller: CreditPuller;
  /** The most that ran at once. */
  mostRunning = 0;
  /** Deliveries that did not fit and were handed back. */
  refused = 0;
  /** The sources that were repaired, in order. */
  readonly repaired: PullSource[] = [];
  slots: number;

  constructor(connection: BrokerConnection, options: TestWorkerOptions = {}) {
    this.slots = options.slots ?? 1;
    const repair =
      options.repair ?? (({ queue }) => provisionConsumers(connection, queue, DEFAULT_ACK_WAIT_MS));
    this.puller = new CreditPuller(connection, options.sources ?? sourcesOf("q"), {
      wanted: () => this.slots - this.running.size,
      accept: (delivery) => this.#accept(delivery, options.onRun),
      repair: (source) => {
        this.repaired.push(source);
        return repair(source);
      },
    });
  }

  /** The ids of all accepted runs, in order. */
  get runIds(): readonly string[] {
    return this.begun.map(({ runId }) => runId);
  }

  /** The run is over: ack it and take another. */
  finish(delivery: Delivery): void {
    delivery.ack();
    this.#free(delivery);
  }

  /** Give the run back and take another. */
  handBack(delivery: Delivery, delayMs?: number): void {
    delivery.handBack(delayMs);
    this.#free(delivery);
  }

  #accept(delivery: Delivery, onRun: TestWorkerOptions["onRun"]): boolean {
    if (this.running.size >= this.slots) {
      this.refused += 1;
      return false;
    }
    this.begun.push(delivery);
    this.running.add(delivery);
    this.mostRunning = Math.max(this.mostRunning, this.running.size);
    onRun?.(delivery, this);
    return true;
  }

  #free(delivery: Delivery): void {
    this.running.delete(delivery);
    this.puller.kick();
  }
}

/** Every priority of `queue`. */
export function sourcesOf(queue: string): readonly PullSource[] {
  return (["high", "normal", "low"] as const).map((priority) => sourceOf(queue, priority));
}

/** An `onRun` that finishes each run right away, though not within the call. */
export function finishAtOnce(delivery: Delivery, worker: TestWorker): void {
  queueMicrotask(() => worker.finish(delivery));
}

/** An `onRun` that finishes each run a moment later. */
export function finishSoon(delivery: Delivery, worker: TestWorker): void {
  void sleep(1).then(() => worker.finish(delivery));
}
