import {
  CreditPuller,
  provisionConsumers,
  type BrokerConnection,
  type Delivery,
  type PriorityWeights,
  type PullSource,
} from "@umbel/broker";
import { consumerName, PRIORITIES, SCHEDULE_LEAD_MS, type RunsOn } from "@umbel/protocol";
import { every, type Logger } from "@umbel/runtime";
import type { HandlerRegistry } from "../handler-registry.ts";
import { EarlyRuns } from "./early-runs.ts";
import { ServerClock } from "./server-clock.ts";
import type { SlotPool, SlotUser } from "./slot-pool.ts";

/** What a {@link Consumption} needs. */
export interface ConsumptionDeps {
  readonly connection: BrokerConnection;
  readonly registry: HandlerRegistry;
  readonly queues: readonly string[];
  readonly ackWaitMs: number;
  /** `undefined`: strictly the most urgent first. */
  readonly weights: PriorityWeights | undefined;
  readonly slots: Readonly<Record<RunsOn, SlotPool>>;
  readonly logger: Logger;
  /** What a delivery is, and where it wants to execute; `undefined` when it is dealt with already. */
  readonly open: (delivery: Delivery) => Opened | undefined;
  /** Give a delivery back that there is no room for. */
  readonly handBack: (delivery: Delivery, delayMs: number) => void;
  /** Outcomes that are not stored yet. */
  readonly unsettled: () => number;
}

/** A delivery that somebody must get a slot for. */
export interface Opened {
  readonly user: SlotUser;
  readonly runsOn: RunsOn;
  /** No start before this, by the server's clock. */
  readonly dueAt: number | undefined;
}

/** Runs that came early and are held until they are due; more are handed back until then. */
const MOST_EARLY = 2_048;
/** Half of the shortest ack-wait: what is due later is handed back, so that nothing held needs a heartbeat. */
const LONGEST_HOLD_MS = 500;
/** A run that is due much later than any schedule of ours fires is looked at again this often. */
const LONGEST_EARLY_HAND_BACK_MS = 60_000;
const SWEEP_MS = 50;
/** A queue that has just brought a run for the other kind of slots, which are all busy, rests this long. */
const OTHER_KIND_REST_MS = 250;
/** More outcomes than this on their way to the store: the broker is behind, so nothing new is taken. */
const MOST_UNSETTLED = 4_096;

/** Pulls from queues into slots: as much as there is room for on the loop and on threads, each by itself. */
export class Consumption {
  readonly #deps: ConsumptionDeps;
  /** Which slots the runs of a queue are pulled for; some may turn out to want the others. */
  readonly #pulledFor: Map<string, RunsOn>;
  readonly #restUntil = new Map<string, number>();
  readonly #stopSweep: () => void;
  readonly #puller: CreditPuller;
  readonly #clock = new ServerClock();
  readonly #early: Readonly<Record<RunsOn, EarlyRuns>>;
  #stopping = false;

  constructor(deps: ConsumptionDeps) {
    this.#deps = deps;
    this.#pulledFor = new Map(deps.queues.map((queue) => [queue, slotsOf(queue, deps.registry)]));
    this.#puller = new CreditPuller(deps.connection, deps.queues.flatMap(sourcesOf), {
      wanted: (source) => this.#wanted(source),
      accept: (delivery) => this.#accept(delivery),
      repair: (source) => this.#repair(source),
      weights: deps.weights,
    });
    this.#early = { loop: this.#holdFor(deps.slots.loop), thread: this.#holdFor(deps.slots.thread) };
    this.#stopSweep = every(SWEEP_MS, () => this.#sweep());
  }

  /** Whether the broker has stopped answering although the connection is up. */
  get deaf(): boolean {
    return this.#puller.deaf;
  }

  /** What it pulls from. */
  get queues(): readonly string[] {
    return [...this.#pulledFor.keys()];
  }

  /** Pull from `queue` too; its consumers exist. */
  addQueue(queue: string): void {
    this.#pulledFor.set(queue, slotsOf(queue, this.#deps.registry));
    this.#puller.add(sourcesOf(queue));
  }

  /** Pull from `queue` no more. Resolves when none of its runs can arrive any more. */
  async removeQueue(queue: string): Promise<void> {
    this.#pulledFor.delete(queue);
    this.#restUntil.delete(queue);
    await this.#puller.remove(queue);
    // Whatever waits for a slot is not known by its queue: the few of other queues come straight back.
    for (const pool of Object.values(this.#deps.slots)) pool.giveUpWaiting();
  }

  /** A slot became free. */
  kick(): void {
    this.#puller.kick();
  }

  /** Pull no more, and give back what has not begun. Resolves when nothing can arrive any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const stopped = this.#puller.stop();
    for (const pool of Object.values(this.#deps.slots)) pool.giveUpWaiting();
    for (const early of Object.values(this.#early)) early.giveUp();
    await stopped;
    this.#stopSweep();
  }

  #wanted({ queue }: PullSource): number {
    const { slots, unsettled } = this.#deps;
    if (unsettled() > MOST_UNSETTLED) return 0;
    if ((this.#restUntil.get(queue) ?? 0) > performance.now()) return 0;
    return slots[this.#pulledFor.get(queue) ?? "loop"].wanted;
  }

  #accept(delivery: Delivery): boolean {
    if (this.#stopping) return false;
    const opened = this.#deps.open(delivery);
    if (opened === undefined) return true;
    if (opened.dueAt !== undefined && this.#isEarly(delivery, opened, opened.dueAt)) return true;
    if (this.#deps.slots[opened.runsOn].offer(opened.user, performance.now())) return true;
    const { queue } = delivery.source;
    if (opened.runsOn === this.#pulledFor.get(queue)) {
      opened.user.giveUp();
      return true;
    }
    // At once, it would come straight back: runs behind it, for the slots that are free, shall pass instead.
    this.#restUntil.set(queue, performance.now() + OTHER_KIND_REST_MS);
    this.#deps.handBack(delivery, OTHER_KIND_REST_MS);
    return true;
  }

  // Its schedule fires a little before it is due, and it takes no slot until then.
  #isEarly(delivery: Delivery, { user, runsOn }: Opened, dueAt: number): boolean {
    this.#clock.observe(delivery);
    const leftMs = dueAt - this.#clock.at(performance.now());
    if (leftMs <= 0) return false;
    const early = this.#early[runsOn];
    const room = Math.min(MOST_EARLY, this.#deps.slots[runsOn].couldBeginWithin(SCHEDULE_LEAD_MS));
    if (leftMs <= LONGEST_HOLD_MS && early.size < room) {
      early.hold({ user, dueAt, priority: delivery.source.priority });
    } else {
      this.#deps.handBack(delivery, Math.min(Math.ceil(leftMs), LONGEST_EARLY_HAND_BACK_MS));
    }
    return true;
  }

  #holdFor(pool: SlotPool): EarlyRuns {
    return new EarlyRuns({
      now: () => this.#clock.at(performance.now()),
      onDue: ({ user }) => pool.offer(user, performance.now()),
    });
  }

  async #repair(source: PullSource): Promise<void> {
    try {
      await provisionConsumers(this.#deps.connection, source.queue, this.#deps.ackWaitMs);
    } catch (error) {
      this.#deps.logger.warn(
        { queue: source.queue, err: error },
        "the consumers of a queue could not be made sure of",
      );
    }
  }

  // Also wakes a puller that wanted nothing when it was last asked, for a reason that only time takes away.
  #sweep(): void {
    const now = performance.now();
    for (const pool of Object.values(this.#deps.slots)) pool.sweep(now);
    this.#puller.kick();
  }
}

function sourcesOf(queue: string): readonly PullSource[] {
  return PRIORITIES.map((priority) => ({ consumer: consumerName(queue, priority), queue, priority }));
}

// A queue that mixes both kinds is pulled for the loop.
function slotsOf(queue: string, registry: HandlerRegistry): RunsOn {
  return registry.usesOf(queue, "thread") && !registry.usesOf(queue, "loop") ? "thread" : "loop";
}
