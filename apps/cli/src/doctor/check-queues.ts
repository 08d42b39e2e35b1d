import type { ConsumerFacts } from "@umbel/broker";
import { checker, type Check } from "./check.ts";

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

/**
 * Whether the runs of every queue are taken, by two looks `lookedMs` apart. Queues are judged as a whole: workers
 * ask for low priorities only while nothing higher waits. Pure.
 */
export function checkQueues(
  first: readonly ConsumerFacts[],
  second: readonly ConsumerFacts[],
  lookedMs: number,
): readonly Check[] {
  const { ok } = checker("queues");
  const before = byQueue(first);
  if (before.size === 0) return [];
  const problems: Check[] = [];
  let waiting = 0;
  let inProgress = 0;
  for (const [queue, now] of byQueue(second)) {
    waiting += now.waiting;
    inProgress += now.inProgress;
    const problem = judge(queue, before.get(queue) ?? now, { now, lookedMs });
    if (problem !== undefined) problems.push(problem);
  }
  return problems.length > 0 ? problems : [ok(`${waiting} runs wait, ${inProgress} are held by workers`)];
}

interface Later {
  readonly now: QueueFacts;
  readonly lookedMs: number;
}

function judge(queue: string, before: QueueFacts, { now, lookedMs }: Later): Check | undefined {
  const { warn } = checker("queues");
  const askedFor = before.pulls > 0 || now.pulls > 0;
  if (askedFor || before.waiting === 0 || now.waiting === 0) return undefined;
  const taken = now.deliveries > before.deliveries || now.inProgress > 0;
  if (!taken) {
    return warn(
      `${queue}: ${now.waiting} ${now.waiting === 1 ? "run waits" : "runs wait"} and no worker takes them`,
      `Start a worker that serves it: umbel worker <modules...> --queues ${queue}`,
    );
  }
  if (now.waiting <= before.waiting) return undefined;
  return warn(
    `${queue}: the runs that wait grew from ${before.waiting} to ${now.waiting} in ${lookedMs} ms, and no worker has a free slot`,
    "Start more workers, or give them more --concurrency or --threads.",
  );
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
