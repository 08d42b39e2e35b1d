import type { ConsumerFacts, NamedQueueConfig, QueueCount } from "@umbel/broker";
import { DEFAULT_QUEUE_CONFIG, isPaused, PRIORITIES, type Priority, type QueuePause } from "@umbel/protocol";

/** A queue at one moment. Times in milliseconds since the epoch. */
export interface QueueReport {
  readonly queue: string;
  /** Runs without a key that wait for a worker. */
  readonly ready: Readonly<Record<Priority, number>>;
  /** Runs with a key that wait for a worker, or for those of their lane before them. */
  readonly keyed: number;
  readonly delayed: number;
  /** Those that wait more than a minute for their next attempt, or have stepped aside for it. */
  readonly retrying: number;
  /** Runs that workers hold, and those that were handed back and are due in a moment. */
  readonly running: number;
  /** How many lanes it has; 0: no run with a key was ever enqueued. */
  readonly lanes: number;
  /** Requests of workers that wait for a run: 0 when all are busy, or there is none. */
  readonly pulls: number;
  readonly paused: QueuePause | undefined;
}

/** What is known of the queues of a mesh. */
export interface QueueFacts {
  readonly configs: readonly NamedQueueConfig[];
  readonly consumers: readonly ConsumerFacts[];
  readonly counts: readonly QueueCount[];
  readonly now: number;
}

/** Every queue that is defined, served or has runs, by name. Pure. */
export function reportQueues(facts: QueueFacts): readonly QueueReport[] {
  const names = [
    ...facts.configs.map(({ queue }) => queue),
    ...facts.consumers.flatMap(({ queue }) => (queue === undefined ? [] : [queue])),
    ...facts.counts.map(({ queue }) => queue),
  ];
  return [...new Set(names)]
    .toSorted((left, right) => left.localeCompare(right))
    .map((queue) => reportQueue(queue, facts));
}

function reportQueue(queue: string, { configs, consumers, counts, now }: QueueFacts): QueueReport {
  const config = configs.find((known) => known.queue === queue)?.config ?? DEFAULT_QUEUE_CONFIG;
  const count = counts.find((known) => known.queue === queue) ?? NOTHING;
  const own = consumers.filter((consumer) => consumer.queue === queue);
  const lanes = own.filter(({ lane }) => lane !== undefined);
  return {
    queue,
    ready: readyOf(own, count),
    keyed: lanes.length > 0 ? sum(lanes, "waiting") : count.keyed,
    delayed: count.delayed,
    retrying: count.retrying,
    running: sum(own, "inProgress"),
    lanes: config.keyed ? config.lanes : 0,
    pulls: sum(own, "pulls"),
    paused: isPaused(config, now) ? config.paused : undefined,
  };
}

const NOTHING: Omit<QueueCount, "queue" | "ready"> = {
  byPriority: { high: 0, normal: 0, low: 0 },
  keyed: 0,
  delayed: 0,
  retrying: 0,
};

// What its consumer has handed over already does not wait; without a consumer nobody ever took one.
function readyOf(
  own: readonly ConsumerFacts[],
  { byPriority }: Pick<QueueCount, "byPriority">,
): Readonly<Record<Priority, number>> {
  const served = own.filter(({ lane }) => lane === undefined);
  const waiting = PRIORITIES.map((name) => {
    const consumer = served.find(({ priority }) => priority === name);
    return [name, consumer?.waiting ?? byPriority[name]] as const;
  });
  return { ...byPriority, ...Object.fromEntries(waiting) };
}

function sum(consumers: readonly ConsumerFacts[], field: "waiting" | "inProgress" | "pulls"): number {
  return consumers.reduce((total, consumer) => total + consumer[field], 0);
}
