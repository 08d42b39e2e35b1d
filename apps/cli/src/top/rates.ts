import type { ConsumerFacts } from "@umbel/broker";

/** What the consumers of a queue had done by one moment. */
export interface QueueSample {
  readonly waiting: number;
  readonly deliveries: number;
  readonly held: number;
}

/** The samples of all queues at one moment, in milliseconds of any clock. */
export interface Samples {
  readonly at: number;
  readonly queues: ReadonlyMap<string, QueueSample>;
}

/** Runs in a second. */
export interface QueueRates {
  readonly inPerSecond: number;
  readonly outPerSecond: number;
}

const NOTHING: QueueSample = { waiting: 0, deliveries: 0, held: 0 };

/** The sums of the consumers of each queue. Pure. */
export function sample(consumers: readonly ConsumerFacts[], at: number): Samples {
  const queues = new Map<string, QueueSample>();
  for (const { queue, waiting, deliveries, inProgress } of consumers) {
    if (queue === undefined) continue;
    const sum = queues.get(queue) ?? NOTHING;
    queues.set(queue, {
      waiting: sum.waiting + waiting,
      deliveries: sum.deliveries + deliveries,
      held: sum.held + inProgress,
    });
  }
  return { at, queues };
}

/**
 * How many runs came and went in a second between two looks. A run that is delivered again counts as one that came
 * again. Pure.
 */
export function ratesOf(queue: string, before: Samples, now: Samples): QueueRates | undefined {
  const seconds = (now.at - before.at) / 1_000;
  const [from, to] = [before.queues.get(queue), now.queues.get(queue)];
  if (from === undefined || to === undefined || seconds <= 0) return undefined;
  const delivered = to.deliveries - from.deliveries;
  return {
    inPerSecond: Math.max(0, delivered + to.waiting - from.waiting) / seconds,
    outPerSecond: Math.max(0, delivered - (to.held - from.held)) / seconds,
  };
}
