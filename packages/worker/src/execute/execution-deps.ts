import type { RunsOn } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import type { WorkerEvents } from "../events/worker-events.ts";
import type { Executor } from "../executors/executor.ts";
import type { RunCounter } from "../presence/run-counter.ts";
import type { Settlement } from "../settle/settlement.ts";
import type { ClaimDeps } from "./claim.ts";
import type { Execution } from "./execution.ts";
import type { UntouchedRuns } from "./untouched-runs.ts";

/** What every {@link Execution} of a worker shares. */
export interface ExecutionDeps {
  readonly executors: Readonly<Record<RunsOn, Executor>>;
  readonly settlement: Pick<Settlement, keyof Settlement>;
  readonly claim: ClaimDeps;
  readonly events: Pick<WorkerEvents, "started">;
  readonly counter: Pick<RunCounter, "started" | "ended">;
  readonly logger: Logger;
  readonly workerId: string;
  readonly untouched: Pick<UntouchedRuns, "handedBack">;
  /** Whether the broker, which last heard of a delivery at `heardAt` (`performance.now()`), has given it to others. */
  readonly isStale: (heardAt: number) => boolean;
  /** Whether successes are logged one by one; it may change. */
  readonly verbose: () => boolean;
  /** By task: how long an attempt may take here, where an operator has said so. Milliseconds. */
  readonly timeLimits: ReadonlyMap<string, number>;
  readonly onBegin: (execution: Execution) => void;
  readonly onEnd: (execution: Execution) => void;
  /** The slot is free: its handler has ended. */
  readonly release: (runsOn: RunsOn, durationMs: number) => void;
}
