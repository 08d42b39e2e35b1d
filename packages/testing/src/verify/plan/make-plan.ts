import { FAULT_KINDS, type FaultKind } from "./fault-kinds.ts";
import { planFaults, type PlannedFault } from "./plan-faults.ts";
import { planOperations, type Operation } from "./plan-operations.ts";
import { seededRandom } from "./seeded-random.ts";

/** What is done in a verification, all of it decided before it begins. */
export interface Plan {
  readonly seed: number;
  readonly durationMs: number;
  readonly operations: readonly Operation[];
  readonly faults: readonly PlannedFault[];
}

/** What a plan goes by. */
export interface PlanOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** @default all */
  readonly faults?: readonly FaultKind[];
  /** Enqueues a second. @default 40 */
  readonly perSecond?: number;
  /** @default 2 */
  readonly producers?: number;
}

/** The plan of a seed. The same options always give the same plan. */
export function makePlan(options: PlanOptions): Plan {
  const { seed, durationMs, faults = FAULT_KINDS, perSecond = 40, producers = 2 } = options;
  return {
    seed,
    durationMs,
    operations: planOperations({ durationMs, perSecond, producers }, seededRandom(seed, "operations")),
    faults: planFaults({ durationMs, kinds: faults }, seededRandom(seed, "faults")),
  };
}
