import type { Delivery } from "@umbel/broker";
import { every } from "@umbel/runtime";

/** A delivery whose run must not be given to another worker while it is executed here. */
export interface Held {
  readonly delivery: Pick<Delivery, "heartbeat" | "heardAt">;
  /** For too long: it may be with another worker by now. */
  leaseLost: boolean;
}

/** What the heartbeat tells about. */
export interface HeartbeatHooks {
  /** Whether the broker can hear anything now. */
  connected(): boolean;
  onLeaseLost(held: Held, silentMs: number): void;
}

/** Heartbeats within one ack-wait. */
const BEATS_PER_ACK_WAIT = 3;

/**
 * Extends the ack-wait of everything that is held, with one timer for all.
 *
 * When the process was stopped, its loop blocked or its connection lost for longer than the ack-wait, the broker
 * has given its runs to others. A late heartbeat would then keep the broker from ever noticing that such another one died, so it
 * is not sent.
 */
export class Heartbeat implements Disposable {
  readonly #held: () => Iterable<Held>;
  readonly #ackWaitMs: number;
  readonly #hooks: HeartbeatHooks;
  readonly #stop: () => void;

  /** @param held what is held, whenever it is looked at. */
  constructor(ackWaitMs: number, held: () => Iterable<Held>, hooks: HeartbeatHooks) {
    this.#ackWaitMs = ackWaitMs;
    this.#held = held;
    this.#hooks = hooks;
    this.#stop = every(ackWaitMs / BEATS_PER_ACK_WAIT, () => this.#beat());
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #beat(): void {
    const now = performance.now();
    for (const held of this.#held()) {
      const silentMs = now - held.delivery.heardAt;
      if (held.leaseLost) continue;
      if (silentMs >= this.#ackWaitMs) {
        held.leaseLost = true;
        this.#hooks.onLeaseLost(held, Math.round(silentMs));
      } else if (this.#hooks.connected()) {
        held.delivery.heartbeat();
      }
    }
  }
}
