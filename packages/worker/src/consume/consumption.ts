import {
  CreditPuller,
  provisionConsumers,
  provisionLanes,
  type BrokerConnection,
  type Delivery,
  type PriorityWeights,
  type PullSource,
} from "@umbel/broker";
import { consumerName, laneConsumerName, PRIORITIES, SCHEDULE_LEAD_MS, type RunsOn } from "@umbel/protocol";
import { every, type Logger } from "@umbel/runtime";
import type { HandlerRegistry } from "../handler-registry.ts";
import { EarlyRuns, type EarlyRun } from "./early-runs.ts";
import { ServerClock } from "./server-clock.ts";
import type { QueueWatch } from "./queue-watch.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { SlotPool, SlotUser } from "./slot-pool.ts";

/** What a {@link Consumption} needs. */
export interface ConsumptionDeps {
  readonly connection: BrokerConnection;
  readonly registry: HandlerRegistry;
  readonly queues: readonly string[];
  /** What is decided about the queues. It has been started, and is stopped with the pulling. */
  readonly watch: QueueWatch;
  readonly ackWaitMs: number;
  /** `undefined`: strictly the most urgent first. */
  readonly weights: PriorityWeights | undefined;
  readonly slots: Readonly<Record<RunsOn, SlotPool>>;
  readonly logger: Logger;
  /** What a delivery is, and where it wants to execute; `undefined` when it is dealt with already. */
  readonly open: (delivery: Delivery) => Opened | undefined;
  /** Give a delivery back that there is no room for. */
  readonly handBack: (delivery: Delivery, delayMs: number) => void;
  /** How often tasks may begin here. */
  readonly rates: RateLimits;
  /** Outcomes that are not stored yet. */
  readonly unsettled: () => number;
}

/** A delivery that somebody must get a slot for. */
export interface Opened {
  readonly user: SlotUser;
  /** `undefined`: it is no run that can be executed here. */
  readonly task: string | undefined;
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
  /** How many lanes of a queue are pulled from. */
  readonly #lanes = new Map<string, number>();
  readonly #restUntil = new Map<string, number>();
  readonly #stopSweep: () => void;
  readonly #puller: CreditPuller;
  readonly #clock = new ServerClock();
  readonly #early: Readonly<Record<RunsOn, EarlyRuns>>;
  #stopping = false;
  #draining = false;

  constructor(deps: ConsumptionDeps) {
    this.#deps = deps;
    this.#pulledFor = new Map(deps.queues.map((queue) => [queue, slotsOf(queue, deps.registry)]));
    const sources = deps.queues.flatMap((queue) => sourcesOf(queue, this.#poolOf(queue)));
    this.#puller = new CreditPuller(deps.connection, sources, {
      wanted: (source) => this.#wanted(source),
      accept: (delivery) => this.#accept(delivery),
      repair: (source) => this.#repair(source),
      weights: deps.weights,
    });
    this.#early = { loop: this.#holdFor(deps.slots.loop), thread: this.#holdFor(deps.slots.thread) };
    this.#stopSweep = every(SWEEP_MS, () => this.#sweep());
    for (const queue of deps.queues) void this.#serveLanes(queue);
    deps.watch.onChange((queue) => {
      void this.#serveLanes(queue);
      this.#puller.kick();
    });
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
  async addQueue(queue: string): Promise<void> {
    await this.#deps.watch.add(queue);
    this.#pulledFor.set(queue, slotsOf(queue, this.#deps.registry));
    this.#puller.add(sourcesOf(queue, this.#poolOf(queue)));
    await this.#serveLanes(queue);
  }

  /** Pull from `queue` no more. Resolves when none of its runs can arrive any more. */
  async removeQueue(queue: string): Promise<void> {
    this.#pulledFor.delete(queue);
    this.#restUntil.delete(queue);
    this.#lanes.delete(queue);
    this.#deps.watch.remove(queue);
    await this.#puller.remove(queue);
    // Whatever waits for a slot is not known by its queue: the few of other queues come straight back.
    for (const pool of Object.values(this.#deps.slots)) pool.giveUpWaiting();
  }

  /** Whether it takes no runs until {@link undrain}. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Which slots the runs of `queue` are pulled for. */
  pulledFor(queue: string): RunsOn {
    return this.#poolOf(queue);
  }

  /** What is held until it is due. */
  get earlyRuns(): readonly EarlyRun[] {
    return [...this.#early.loop.runs, ...this.#early.thread.runs];
  }

  /** Take no more runs, and give back what has not begun. */
  drain(): void {
    this.#draining = true;
    this.#giveUp();
  }

  /** Take runs again. */
  undrain(): void {
    this.#draining = false;
    this.#puller.kick();
  }

  /** A slot became free. */
  kick(): void {
    this.#puller.kick();
  }

  /** Pull no more, and give back what has not begun. Resolves when nothing can arrive any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#deps.watch[Symbol.dispose]();
    const stopped = this.#puller.stop();
    this.#giveUp();
    await stopped;
    this.#stopSweep();
  }

  #giveUp(): void {
    for (const pool of Object.values(this.#deps.slots)) pool.giveUpWaiting();
    for (const early of Object.values(this.#early)) early.giveUp();
  }

  #wanted({ queue }: PullSource): number {
    const { slots, unsettled } = this.#deps;
    if (unsettled() > MOST_UNSETTLED || this.#holds(queue)) return 0;
    if ((this.#restUntil.get(queue) ?? 0) > performance.now()) return 0;
    return slots[this.#poolOf(queue)].wanted;
  }

  #accept(delivery: Delivery): boolean {
    // What was asked for before a pause waits with the others.
    if (this.#stopping || this.#holds(delivery.source.queue)) return false;
    const opened = this.#deps.open(delivery);
    if (opened === undefined || this.#mustWait(delivery, opened)) return true;
    if (this.#deps.slots[opened.runsOn].offer(opened.user, performance.now())) return true;
    const { queue } = delivery.source;
    // Of a lane, the puller itself must know that its run went back.
    if (delivery.source.lane !== undefined) return false;
    if (opened.runsOn === this.#pulledFor.get(queue)) {
      opened.user.giveUp();
      return true;
    }
    // At once, it would come straight back: runs behind it, for the slots that are free, shall pass instead.
    this.#restUntil.set(queue, performance.now() + OTHER_KIND_REST_MS);
    this.#deps.handBack(delivery, OTHER_KIND_REST_MS);
    return true;
  }

  #holds(queue: string): boolean {
    return this.#draining || this.#deps.watch.holds(queue, Date.now());
  }

  #mustWait(delivery: Delivery, opened: Opened): boolean {
    if (opened.dueAt !== undefined && this.#isEarly(delivery, opened, opened.dueAt)) return true;
    return this.#deps.rates.active && this.#isLimited(delivery, opened);
  }

  // Its schedule fires a little before it is due, and it takes no slot until then.
  #isEarly(delivery: Delivery, { user, runsOn, task }: Opened, dueAt: number): boolean {
    this.#clock.observe(delivery);
    const leftMs = dueAt - this.#clock.at(performance.now());
    if (leftMs <= 0) return false;
    // A limited task gets its turn when it is due.
    const limited = task !== undefined && this.#deps.rates.rateOf(task) !== undefined;
    const held = !limited && leftMs <= LONGEST_HOLD_MS && this.#holdUntil(dueAt, delivery, { user, runsOn });
    if (!held) this.#deps.handBack(delivery, Math.min(Math.ceil(leftMs), LONGEST_EARLY_HAND_BACK_MS));
    return true;
  }

  #isLimited(delivery: Delivery, { user, runsOn, task }: Opened): boolean {
    if (task === undefined) return false;
    const now = performance.now();
    const turn = this.#deps.rates.take(task, now, Math.random());
    if (turn.action === "begin") return false;
    this.#clock.observe(delivery);
    const waitMs = turn.action === "hold" ? turn.waitMs : turn.delayMs;
    const held =
      turn.action === "hold" && this.#holdUntil(this.#clock.at(now) + waitMs, delivery, { user, runsOn });
    if (!held) this.#deps.handBack(delivery, Math.ceil(waitMs));
    return true;
  }

  // By the server's clock. Without room for it, others may have it meanwhile.
  #holdUntil(dueAt: number, delivery: Delivery, { user, runsOn }: Pick<Opened, "user" | "runsOn">): boolean {
    const early = this.#early[runsOn];
    const room = Math.min(MOST_EARLY, this.#deps.slots[runsOn].couldBeginWithin(SCHEDULE_LEAD_MS));
    if (early.size >= room) return false;
    early.hold({ user, dueAt, priority: delivery.source.priority });
    return true;
  }

  #holdFor(pool: SlotPool): EarlyRuns {
    return new EarlyRuns({
      now: () => this.#clock.at(performance.now()),
      onDue: ({ user }) => pool.offer(user, performance.now()),
    });
  }

  #poolOf(queue: string): RunsOn {
    return this.#pulledFor.get(queue) ?? "loop";
  }

  // Lanes are pulled from once the first keyed run is on its way. There are never fewer of them than before.
  async #serveLanes(queue: string): Promise<void> {
    const { keyed, widest } = this.#deps.watch.config(queue);
    if (!keyed || this.#stopping || (this.#lanes.get(queue) ?? 0) >= widest) return;
    this.#lanes.set(queue, widest);
    const lanes = Array.from({ length: widest }, (_, lane) => lane);
    await this.#provision(queue, lanes);
    // What could not be made is repaired when it is asked.
    this.#puller.add(lanes.map((lane) => laneSource(queue, lane, this.#poolOf(queue))));
    this.#puller.kick();
  }

  #repair({ queue, lane }: PullSource): Promise<void> {
    return this.#provision(queue, lane === undefined ? undefined : [lane]);
  }

  async #provision(queue: string, lanes: readonly number[] | undefined): Promise<void> {
    const { connection, ackWaitMs } = this.#deps;
    try {
      if (lanes === undefined) await provisionConsumers(connection, queue, ackWaitMs);
      else await provisionLanes(connection, queue, { lanes, ackWaitMs });
    } catch (error) {
      this.#deps.logger.warn({ queue, err: error }, "the consumers of a queue could not be made sure of");
    }
  }

  // Also wakes a puller that wanted nothing when it was last asked, for a reason that only time takes away.
  #sweep(): void {
    const now = performance.now();
    for (const pool of Object.values(this.#deps.slots)) pool.sweep(now);
    this.#puller.kick();
  }
}

function sourcesOf(queue: string, pool: RunsOn): readonly PullSource[] {
  return PRIORITIES.map((priority) => ({ consumer: consumerName(queue, priority), queue, priority, pool }));
}

function laneSource(queue: string, lane: number, pool: RunsOn): PullSource {
  return { consumer: laneConsumerName(queue, lane), queue, priority: "normal", lane, pool };
}

// A queue that mixes both kinds is pulled for the loop.
function slotsOf(queue: string, registry: HandlerRegistry): RunsOn {
  return registry.usesOf(queue, "thread") && !registry.usesOf(queue, "loop") ? "thread" : "loop";
}
