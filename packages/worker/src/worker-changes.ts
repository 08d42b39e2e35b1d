import { once } from "node:events";
import { provisionConsumers } from "@umbel/broker";
import { checkFields, checkQueueName, invalidArgument, UmbelError } from "@umbel/protocol";
import { logEvent } from "@umbel/telemetry";
import type { WorkerParts } from "./worker-parts.ts";
import { checkConcurrency, checkThreads } from "./worker-options.ts";

/** New numbers of slots. What is left out stays as it is. */
export interface WorkerSizes {
  /** How many runs may execute on the loop at a time. */
  readonly concurrency?: number;
  /** How many runs may execute on threads at a time. */
  readonly threads?: number;
}

/** Changes a worker while it runs. Queues are added and removed one after another, in the order of the calls. */
export class WorkerChanges {
  readonly #parts: WorkerParts;
  readonly #stopping: () => boolean;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: WorkerParts, stopping: () => boolean) {
    this.#parts = parts;
    this.#stopping = stopping;
  }

  async addQueue(name: string): Promise<void> {
    checkQueueName(name, "queue");
    return this.#inTurn(async () => {
      const { consumption, connection, registry, threads, options, logger, id } = this.#parts;
      if (consumption.queues.includes(name)) return;
      await provisionConsumers(connection, name, options.ackWaitMs);
      // It may have been stopped meanwhile.
      this.#checkRunning();
      if (registry.usesOf(name, "thread")) threads?.start();
      await consumption.addQueue(name);
      logEvent(logger, "worker.queue_added", { workerId: id, queue: name });
    });
  }

  async removeQueue(name: string): Promise<void> {
    checkQueueName(name, "queue");
    const { consumption, active, close, logger, id } = this.#parts;
    await this.#inTurn(async () => {
      const { queues } = consumption;
      if (!queues.includes(name))
        throw invalidArgument({ field: "queue", received: name, expected: `one of ${queues.join(", ")}` });
      await consumption.removeQueue(name);
      logEvent(logger, "worker.queue_removed", { workerId: id, queue: name });
    });
    // Out of turn: a run may take hours. Whatever a stop leaves behind is not waited for.
    if (!close.signal.aborted) await Promise.race([active.endOf(name), once(close.signal, "abort")]);
  }

  resize(sizes: WorkerSizes): void {
    const { slots, threads, consumption, logger, id } = this.#parts;
    checkFields(sizes, "resize", ["concurrency", "threads"]);
    const loopSlots = sizes.concurrency === undefined ? slots.loop.size : checkConcurrency(sizes.concurrency);
    const threadSlots = sizes.threads === undefined ? slots.thread.size : checkThreads(sizes.threads);
    this.#checkRunning();
    slots.loop.resize(loopSlots);
    threads?.resize(threadSlots);
    slots.thread.resize(threadSlots);
    consumption.kick();
    logEvent(logger, "worker.resized", { workerId: id, slots: loopSlots, threads: threadSlots });
  }

  /** Whether the worker takes no runs until {@link undrain}. */
  get draining(): boolean {
    return this.#parts.consumption.draining;
  }

  drain(): void {
    this.#checkRunning();
    const { consumption, active, logger, id } = this.#parts;
    if (consumption.draining) return;
    consumption.drain();
    logEvent(logger, "worker.draining", { workerId: id, running: active.size });
  }

  undrain(): void {
    this.#checkRunning();
    const { consumption, logger, id } = this.#parts;
    if (!consumption.draining) return;
    consumption.undrain();
    logEvent(logger, "worker.undrained", { workerId: id });
  }

  #checkRunning(): void {
    if (this.#stopping()) throw new UmbelError("connection_closed", "the worker is stopping.");
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#checkRunning();
    const done = this.#turn.then(() => {
      this.#checkRunning();
      return work();
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
