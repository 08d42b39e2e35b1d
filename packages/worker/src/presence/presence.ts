import { WorkerRegistration } from "@umbel/broker";
import type { WorkerEntry, WorkerEntryState } from "@umbel/protocol";
import { every } from "@umbel/runtime";
import type { WorkerParts } from "../worker-parts.ts";
import { describeWorker, tellEveryMs } from "./describe-worker.ts";
import { LoopGauge } from "./loop-gauge.ts";

/** Keeps the entry of a worker in the registry, until it is withdrawn. */
export class Presence {
  readonly #parts: WorkerParts;
  readonly #state: () => WorkerEntryState;
  readonly #registration: WorkerRegistration;
  readonly #gauge = new LoopGauge();
  readonly #startedAt = Date.now();
  readonly #stop: () => void;
  #loop: WorkerEntry["loop"] = this.#gauge.take();

  constructor(parts: WorkerParts, state: () => WorkerEntryState) {
    this.#parts = parts;
    this.#state = state;
    this.#registration = new WorkerRegistration(parts.connection, parts.id);
    this.#stop = every(tellEveryMs(parts.options.ackWaitMs), () => {
      this.#loop = this.#gauge.take();
      this.tell();
    });
  }

  /** What the worker is and does now; its loop as it was measured last. */
  get entry(): WorkerEntry {
    const moment = { state: this.#state(), startedAt: this.#startedAt, loop: this.#loop };
    return describeWorker(this.#parts, moment);
  }

  /** Tell it for the first time. Resolves when others can see it, or in a moment. Never rejects. */
  announce(): Promise<void> {
    return this.#registration.announce(this.entry);
  }

  /** Tell it now, not only with the next round. */
  tell(): void {
    this.#registration.tell(this.entry);
  }

  /** The worker is no more, as the next flush of its connection tells. Never throws. */
  withdraw(): void {
    this.#stop();
    this.#gauge[Symbol.dispose]();
    this.#registration.withdraw();
  }
}
