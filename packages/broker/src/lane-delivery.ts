import type { Msg } from "@nats-io/transport-node";
import { Delivery, type PullSource } from "./delivery.ts";
import type { Outgoing } from "./outgoing.ts";

/** A worker that has not said a word about a run for this long does not stand in the way of its lane any more. */
const SILENCE_MS = 60_000;

/** A delivery from a lane. While it is not settled, its lane hands over nothing else: asking would be in vain. */
export class LaneDelivery extends Delivery {
  #settled = false;
  #acked = false;
  #heardAt: number;
  #onSettled: (() => void) | undefined;

  constructor(message: Msg, source: PullSource, outgoing: Outgoing) {
    super(message, source, outgoing);
    this.#heardAt = this.receivedAt;
  }

  /** Whether its lane is known to wait for it. */
  holdsLane(now: number): boolean {
    return !this.#settled && now - this.#heardAt < SILENCE_MS;
  }

  /** Hear that it is acked or handed back, from here on. */
  whenSettled(listener: () => void): void {
    this.#onSettled = listener;
  }

  /** Say again that the run is over, if it is: a server that was lost may not have heard it. */
  repeatAck(): void {
    if (this.#acked) super.ack();
  }

  override ack(): void {
    super.ack();
    this.#acked = true;
    this.#settle();
  }

  override handBack(delayMs = 0): void {
    super.handBack(delayMs);
    this.#settle();
  }

  override heartbeat(): void {
    super.heartbeat();
    this.#heardAt = performance.now();
  }

  #settle(): void {
    this.#settled = true;
    this.#onSettled?.();
  }
}
