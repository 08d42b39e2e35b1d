import type { BulkRuns } from "./enqueue-many.ts";
import type { LaneDirectory } from "./queues/lane-directory.ts";
import type { KeyPlace } from "./run-key.ts";
import type { RunPlan } from "./run-plan.ts";

/** The plans of the runs of a bulk. */
export type BulkPlans = Pick<BulkRuns, "plan" | "plans">;

/** What the plans of a bulk are made from. */
export interface BulkPlanning {
  readonly queue: string;
  /** The key of all runs, if they share one. */
  readonly key: string | undefined;
  /** The key of each run, if they have their own. */
  readonly keys: readonly string[] | undefined;
  readonly lanes: Pick<LaneDirectory, "laneOf">;
  readonly plan: (place: KeyPlace | undefined) => RunPlan;
}

/** One plan for all runs, or one for each key. @throws UmbelError when the lanes of the queue cannot be learned */
export async function planBulk({ queue, key, keys, lanes, plan }: BulkPlanning): Promise<BulkPlans> {
  if (keys === undefined) return { plan: plan(await placeOf(lanes, queue, key)) };
  const plans = new Map<string, RunPlan>();
  for (const each of keys) {
    if (!plans.has(each)) plans.set(each, plan(await placeOf(lanes, queue, each)));
  }
  const [first = plan(undefined)] = plans.values();
  return { plan: first, plans: keys.map((each) => plans.get(each) ?? first) };
}

/** The lane that `key` has in `queue`; `undefined` without a key. @throws UmbelError when it cannot be learned */
export async function placeOf(
  lanes: Pick<LaneDirectory, "laneOf">,
  queue: string,
  key: string | undefined,
): Promise<KeyPlace | undefined> {
  return key === undefined ? undefined : { key, lane: await lanes.laneOf(queue, key) };
}
