import { CreditPuller, provisionTicks, type BrokerConnection, type Delivery } from "@umbel/broker";
import { parseTickSubject, TICK_CONSUMER } from "@umbel/protocol";
import { every, type Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { Expander } from "./expander.ts";

/** What a {@link TickConsumption} needs. */
export interface TickConsumptionDeps {
  readonly connection: BrokerConnection;
  readonly expander: Pick<Expander, "expand">;
  readonly ackWaitMs: number;
  readonly logger: Logger;
  readonly workerId: string;
}

/** So many schedules are fired at a time: it is a few messages each, and takes no slot of a run. */
const MOST_AT_ONCE = 8;
const RETRY_MS = 2_000;

/** Takes the ticks of schedules, whatever queues its worker serves. */
export class TickConsumption {
  readonly #deps: TickConsumptionDeps;
  readonly #puller: CreditPuller;
  readonly #active = new Set<Promise<void>>();

  constructor(deps: TickConsumptionDeps) {
    this.#deps = deps;
    const { connection, ackWaitMs } = deps;
    this.#puller = new CreditPuller(
      connection,
      [{ consumer: TICK_CONSUMER, queue: "-", priority: "normal" }],
      {
        wanted: () => Math.max(0, MOST_AT_ONCE - this.#active.size),
        accept: (delivery) => this.#accept(delivery),
        repair: () => provisionTicks(connection, ackWaitMs),
      },
    );
  }

  /** Whether the broker has stopped answering although the connection is up. */
  get deaf(): boolean {
    return this.#puller.deaf;
  }

  /** Take no more ticks. Resolves when those that it has are dealt with. */
  async stop(): Promise<void> {
    await this.#puller.stop();
    await Promise.all(this.#active);
  }

  #accept(delivery: Delivery): boolean {
    const work = this.#expand(delivery).finally(() => {
      this.#active.delete(work);
      this.#puller.kick();
    });
    this.#active.add(work);
    return true;
  }

  // Never rejects. A tick that is lost here comes back by its ack-wait, one that is lost for good is missed by the
  // watch: so nothing needs to be exact but what is stored.
  async #expand(delivery: Delivery): Promise<void> {
    const { expander, ackWaitMs, logger, workerId } = this.#deps;
    const scheduleId = parseTickSubject(delivery.subject);
    // Somebody else's message in this place: there is nothing to do for it.
    if (scheduleId === undefined) return delivery.ack();
    const rest = every(ackWaitMs / 3, () => delivery.heartbeat());
    try {
      await expander.expand(scheduleId);
      delivery.ack();
    } catch (error) {
      logEvent(logger, "schedule.failed", { workerId, scheduleId, error });
      delivery.handBack(RETRY_MS);
    } finally {
      rest();
    }
  }
}
