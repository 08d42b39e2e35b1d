import { NO_OPTIONS } from "./enqueue-options.ts";
import { planRun, type EnqueueFacts, type TaskDefaults } from "./plan-run.ts";
import type { RunPlan } from "./run-plan.ts";

/**
 * The plan of the last plain enqueue. Within a millisecond, plain runs of one task differ only in their ids, so
 * a busy producer need not plan, nor encode headers, for each.
 */
export class RecentPlan {
  #plan: RunPlan | undefined;
  #task: TaskDefaults | undefined;
  #enqueuedAt = 0;

  /** The plan of an enqueue without options, lineage and trace. */
  take(task: TaskDefaults, facts: EnqueueFacts): RunPlan {
    if (this.#plan !== undefined && this.#task === task && this.#enqueuedAt === facts.now) return this.#plan;
    this.#plan = planRun(task, NO_OPTIONS, facts);
    this.#task = task;
    this.#enqueuedAt = facts.now;
    return this.#plan;
  }
}
