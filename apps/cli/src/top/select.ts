import type { WorkerStatus } from "@umbel/client";
import type { Controls, Sort } from "./controls.ts";
import type { TopDead, TopFacts, TopQueue } from "./facts.ts";

/** A run that a worker holds. */
export type TopRun = WorkerStatus["runs"][number] & { readonly worker: string };

/** What is shown of what is known: what the filter lets through, in order. */
export interface Selection {
  readonly queues: readonly TopQueue[];
  readonly workers: readonly WorkerStatus[];
  /** Those that have run longest first. */
  readonly runs: readonly TopRun[];
  readonly dead: readonly TopDead[];
}

/** Choose what is shown. Pure. */
export function select({ queues, workers, dead }: TopFacts, { filter, sort }: Controls): Selection {
  const wanted = filter.toLowerCase();
  const has = (...texts: readonly string[]): boolean =>
    wanted === "" || texts.some((text) => text.toLowerCase().includes(wanted));
  const runs = workers.flatMap((worker) => worker.runs.map((run) => ({ ...run, worker: worker.name })));
  return {
    queues: queues.filter(({ queue }) => has(queue)).toSorted(ORDERS[sort]),
    workers: workers.filter((worker) => has(worker.name, worker.host, ...worker.queues)),
    runs: runs
      .filter(({ runId, task, queue, worker }) => has(runId, task, queue, worker))
      .toSorted((left, right) => (left.startedAt ?? Infinity) - (right.startedAt ?? Infinity)),
    dead: dead.latest.filter(({ runId, task, queue, why }) => has(runId, task, queue, why)),
  };
}

type Order = (left: TopQueue, right: TopQueue) => number;

const byName: Order = (left, right) => left.queue.localeCompare(right.queue);

const ORDERS: Readonly<Record<Sort, Order>> = {
  name: byName,
  waiting: (left, right) => right.waiting - left.waiting || byName(left, right),
  held: (left, right) => right.running - left.running || byName(left, right),
  rate: (left, right) => (right.outPerSecond ?? 0) - (left.outPerSecond ?? 0) || byName(left, right),
};
