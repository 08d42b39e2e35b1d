import type { ConsumerFacts } from "@umbel/broker";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";
import { untaken, type Takers } from "./untaken.ts";

/** A queue at one moment: its consumers together. */
interface QueueFacts {
  readonly waiting: number;
  readonly inProgress: number;
  readonly deliveries: number;
  readonly pulls: number;
}

/** Whether runs wait while nobody asks for them: worth a second look. Pure. */
export function mayBeStuck(consumers: readonly ConsumerFacts[]): boolean {
  return [...byQueue(consumers).values()].some(({ waiting, pulls }) => waiting > 0 && pulls === 0);
}

/** Two looks at the consumers of a mesh, and how long there was between them. */
export interface TwoLooks<Facts> {
  readonly before: Facts;
  readonly now: Facts;
  readonly lookedMs: number;
}

/**
 * Whether the runs of every queue are taken, by two looks. Queues are judged as a whole: workers ask for low
 * priorities only while nothing higher waits. Pure.
 */
export function checkQueues(looks: TwoLooks<readonly ConsumerFacts[]>, takers: Takers): readonly Check[] {
  const before = byQueue(looks.before);
  return Array.from(byQueue(looks.now), ([queue, now]) =>
    judge(queue, { before: before.get(queue) ?? now, now, lookedMs: looks.lookedMs }, takers),
  );
}

function judge(queue: string, { before, now, lookedMs }: TwoLooks<QueueFacts>, takers: Takers): Check {
  const { ok, warn } = checker("queue");
  const state = `${queue}: ${counted(now.waiting, "run waits", "runs wait")}, ${now.inProgress} held by workers`;
  const askedFor = before.pulls > 0 || now.pulls > 0;
  if (askedFor || before.waiting === 0 || now.waiting === 0) return ok(state);
  if (now.deliveries === before.deliveries && now.inProgress === 0) {
    const { why, advice } = untaken(queue, takers);
    return warn(`${state}: ${why}`, advice);
  }
  if (now.waiting > before.waiting) {
    const growth = `${now.waiting - before.waiting} more than ${formatDuration(lookedMs)} before`;
    const advice = "Start more workers, or give them more --concurrency or --threads.";
    return warn(`${state}: ${growth}, and no worker has a free slot`, advice);
  }
  return ok(`${state}, which have no free slot`);
}

const NOTHING: QueueFacts = { waiting: 0, inProgress: 0, deliveries: 0, pulls: 0 };

function byQueue(consumers: readonly ConsumerFacts[]): ReadonlyMap<string, QueueFacts> {
  const queues = new Map<string, QueueFacts>();
  for (const { queue, waiting, inProgress, deliveries, pulls } of consumers) {
    if (queue === undefined) continue;
    const sum = queues.get(queue) ?? NOTHING;
    queues.set(queue, {
      waiting: sum.waiting + waiting,
      inProgress: sum.inProgress + inProgress,
      deliveries: sum.deliveries + deliveries,
      pulls: sum.pulls + pulls,
    });
  }
  return queues;
}
