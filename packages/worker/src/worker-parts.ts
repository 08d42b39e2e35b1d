import type { BrokerConnection, Publisher } from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import type { RunsOn } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import type { ActiveRuns } from "./active-runs.ts";
import type { Cancellations } from "./consume/cancellations.ts";
import type { Consumption } from "./consume/consumption.ts";
import type { Heartbeat } from "./consume/heartbeat.ts";
import type { QueueWatch } from "./consume/queue-watch.ts";
import type { RateLimits } from "./consume/rate-limits.ts";
import type { SlotPool } from "./consume/slot-pool.ts";
import type { StallGuard } from "./consume/stall-guard.ts";
import type { WorkerEvents } from "./events/worker-events.ts";
import type { ThreadExecutor } from "./executors/thread-executor.ts";
import type { HandlerRegistry } from "./handler-registry.ts";
import type { HealthServer } from "./health-server.ts";
import type { RunCounter } from "./presence/run-counter.ts";
import type { TickConsumption } from "./schedules/tick-consumption.ts";
import type { ResolvedWorker } from "./worker-options.ts";

/** What a worker is made of. */
export interface WorkerParts {
  readonly id: string;
  readonly options: ResolvedWorker;
  readonly connection: BrokerConnection;
  readonly mesh: Mesh;
  readonly active: ActiveRuns;
  readonly counter: RunCounter;
  readonly rates: RateLimits;
  /** By task, in milliseconds. */
  readonly timeLimits: Map<string, number>;
  /** Whether successes are logged one by one. */
  readonly logging: { verbose: boolean };
  /** What is decided about the queues. */
  readonly queueWatch: QueueWatch;
  readonly cancellations: Cancellations;
  readonly consumption: Consumption;
  readonly heartbeat: Heartbeat;
  readonly stall: StallGuard;
  readonly threads: ThreadExecutor | undefined;
  readonly slots: Readonly<Record<RunsOn, SlotPool>>;
  readonly registry: HandlerRegistry;
  readonly publisher: Publisher;
  readonly watch: Disposable;
  readonly ticks: TickConsumption;
  readonly health: HealthServer | undefined;
  readonly tasks: readonly string[];
  readonly logger: Logger;
  readonly events: WorkerEvents;
  /** Resolved when the worker is in the registry, or cannot be. */
  readonly announced: PromiseWithResolvers<void>;
  /** Ends the waiting of outcomes that cannot be stored. */
  readonly close: AbortController;
}
