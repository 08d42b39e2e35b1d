import { Publisher, QueueConfigs, RunRecords, type BrokerConnection, type Delivery } from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import type { RunsOn } from "@umbel/protocol";
import { logEvent } from "@umbel/telemetry";
import { ActiveRuns } from "./active-runs.ts";
import { Cancellations } from "./consume/cancellations.ts";
import { Consumption, type Opened } from "./consume/consumption.ts";
import { Heartbeat } from "./consume/heartbeat.ts";
import { StallGuard } from "./consume/stall-guard.ts";
import { RateLimits } from "./consume/rate-limits.ts";
import { SlotPool } from "./consume/slot-pool.ts";
import type { WorkerEvents } from "./events/worker-events.ts";
import { QueueWatch } from "./consume/queue-watch.ts";
import { attemptFields } from "./execute/attempt-fields.ts";
import { Execution } from "./execute/execution.ts";
import { Oddity, type OddityDeps } from "./execute/oddity.ts";
import { isRun, openRun } from "./execute/open-run.ts";
import { FIRST_START } from "./execute/run.ts";
import type { ExecutorDeps } from "./executors/executor.ts";
import { LoopExecutor } from "./executors/loop-executor.ts";
import { withLayers } from "./executors/layered-executor.ts";
import { ThreadExecutor } from "./executors/thread-executor.ts";
import type { HandlerRegistry } from "./handler-registry.ts";
import { serveHealth, type HealthProbes } from "./health-server.ts";
import { UntouchedRuns } from "./execute/untouched-runs.ts";
import { RunCounter } from "./presence/run-counter.ts";
import { executeLayers } from "./middleware.ts";
import { startScheduleService } from "./schedules/schedule-service.ts";
import type { TickConsumption } from "./schedules/tick-consumption.ts";
import { Settlement } from "./settle/settlement.ts";
import { ScheduleWatch } from "./watch/schedule-watch.ts";
import { Worker } from "./worker.ts";
import type { WorkerParts } from "./worker-parts.ts";
import type { ResolvedWorker } from "./worker-options.ts";

/** What a worker is assembled from. */
export interface Foundation {
  readonly id: string;
  readonly connection: BrokerConnection;
  readonly mesh: Mesh;
  readonly registry: HandlerRegistry;
  readonly options: ResolvedWorker;
  readonly events: WorkerEvents;
}

/** Room for what a record says besides the result. */
const RECORD_ALLOWANCE_BYTES = 65_536;

/** Put a worker together and let it pull. @throws UmbelError */
export async function assemble(foundation: Foundation): Promise<Worker> {
  const { id, connection, registry, options, mesh } = foundation;
  const { logger } = options;
  const queues = options.queues ?? registry.queues;
  const configs = new QueueConfigs(connection);
  const watch = new QueueWatch({ connection, configs, queues, logger });
  await watch.start();
  const { slots, kick, ...moving } = createMoving(foundation, () => consumption.kick());
  const deps = executionDeps(foundation, { slots, kick, ...moving });
  const consumption: Consumption = new Consumption({
    connection,
    registry,
    queues,
    watch,
    ackWaitMs: options.ackWaitMs,
    weights: options.priorities,
    slots,
    logger,
    rates: moving.rates,
    open: (delivery) => open(delivery, { registry, active: moving.active, stall: moving.stall, deps }),
    handBack: (delivery, delayMs) => deps.settlement.handBack(delivery, delayMs),
    unsettled: () => moving.active.size - slots.loop.busy - slots.thread.busy,
  });
  const base = {
    id,
    events: foundation.events,
    options,
    connection,
    mesh,
    registry,
    tasks: registry.taskNames,
    queueWatch: watch,
    logger,
    health: undefined,
  };
  const announced = Promise.withResolvers<void>();
  const worker = await createWorker({ ...base, ...moving, slots, consumption, announced });
  // Whoever looks for it once it has started finds it.
  await announced.promise;
  return worker;
}

function createMoving(foundation: Foundation, kick: () => void): Moving {
  const { id: workerId, connection, options, mesh } = foundation;
  const active = new ActiveRuns<Execution>();
  const publisher = new Publisher(connection);
  const { ackWaitMs, logger } = options;
  const schedules = startScheduleService({ connection, publisher, mesh, ackWaitMs, logger, workerId });
  return {
    active,
    counter: new RunCounter(),
    rates: new RateLimits(),
    timeLimits: new Map(),
    logging: { verbose: process.env["UMBEL_LOG_LEVEL"] === "debug" },
    close: new AbortController(),
    cancellations: new Cancellations(connection, (runId) => active.abort(runId, "cancelled")),
    heartbeat: createHeartbeat(foundation, active),
    stall: new StallGuard({ ackWaitMs: options.ackWaitMs, flush: () => connection.flush() }),
    threads: createThreads(foundation),
    publisher,
    ticks: schedules.ticks,
    watch: new ScheduleWatch({
      connection,
      publisher,
      logger: options.logger,
      workerId,
      also: () => schedules.keeper.look(),
    }),
    slots: { loop: new SlotPool(options.concurrency), thread: new SlotPool(options.threads) },
    kick,
  };
}

async function createWorker(parts: WorkerParts): Promise<Worker> {
  const { health: address } = parts.options;
  if (address === undefined) return new Worker(parts);
  let worker: Worker | undefined;
  const probes: HealthProbes = {
    live: () => worker?.deafReason,
    ready: () => (worker === undefined ? "starting" : worker.unreadyReason),
  };
  try {
    const health = await serveHealth(address, probes);
    worker = new Worker({ ...parts, health });
    return worker;
  } catch (error) {
    await new Worker(parts).stop({ reason: "its health port cannot be listened on", hurry: true });
    throw error;
  }
}

function createHeartbeat({ id, connection, options }: Foundation, active: ActiveRuns<Execution>): Heartbeat {
  const { ackWaitMs, logger } = options;
  return new Heartbeat(ackWaitMs, () => active.all(), {
    connected: () => connection.connected,
    onLeaseLost: (held, gapMs) => {
      if (!(held instanceof Execution)) return;
      const fields = attemptFields({ run: held.run, ownership: held.ownership ?? FIRST_START }, id);
      logEvent(logger, "run.lease_lost", { ...fields, gapMs, ackWaitMs });
    },
  });
}

function createThreads(foundation: Foundation): ThreadExecutor | undefined {
  const { registry, options } = foundation;
  if (!registry.needsThreads) return undefined;
  const { threads, modules, maxRunsPerThread: maxRuns, threadLimits: limits } = options;
  const executor = new ThreadExecutor({ threads, modules, maxRuns, limits }, executorDeps(foundation));
  const queues = options.queues ?? registry.queues;
  if (queues.some((queue) => registry.usesOf(queue, "thread"))) executor.start();
  return executor;
}

function executorDeps({ id, mesh, connection, options }: Foundation): ExecutorDeps {
  return {
    mesh,
    logger: options.logger,
    workerId: id,
    abortGraceMs: options.abortGraceMs,
    maxResultBytes: connection.maxPayloadBytes - RECORD_ALLOWANCE_BYTES,
  };
}

interface Moving {
  readonly active: ActiveRuns<Execution>;
  readonly counter: RunCounter;
  readonly rates: RateLimits;
  readonly timeLimits: Map<string, number>;
  readonly logging: { verbose: boolean };
  readonly cancellations: Cancellations;
  readonly heartbeat: Heartbeat;
  readonly stall: StallGuard;
  readonly threads: ThreadExecutor | undefined;
  readonly publisher: Publisher;
  readonly watch: ScheduleWatch;
  readonly ticks: TickConsumption;
  readonly close: AbortController;
  readonly slots: Readonly<Record<RunsOn, SlotPool>>;
  readonly kick: () => void;
}

function executionDeps(foundation: Foundation, moving: Moving): OddityDeps {
  const { id: workerId, connection, options, registry, events } = foundation;
  const { active, cancellations, threads, publisher, slots, kick } = moving;
  const { logger, crashLoopLimit, unknownTaskGraceMs } = options;
  const records = new RunRecords(connection, publisher);
  const now = Date.now;
  const untouched = new UntouchedRuns();
  const loop = new LoopExecutor(executorDeps(foundation));
  const layered = { ...executorDeps(foundation), layers: executeLayers(options.middleware) };
  return {
    executors: { loop: withLayers(loop, layered), thread: withLayers(threads ?? loop, layered) },
    events,
    counter: moving.counter,
    timeLimits: moving.timeLimits,
    settlement: createSettlement(foundation, moving, records),
    claim: {
      records,
      workerId,
      crashLoopLimit,
      now,
      untouched,
      heardCancel: (runId) => cancellations.has(runId),
    },
    untouched,
    records,
    logger,
    workerId,
    unknownTaskGraceMs,
    nearest: (name) => registry.nearest(name),
    isStale: (heardAt) => moving.stall.isStale(heardAt),
    verbose: () => moving.logging.verbose,
    onBegin: (execution) => active.add(execution),
    onEnd: (execution) => active.remove(execution),
    release: (runsOn, durationMs) => {
      slots[runsOn].release(durationMs);
      kick();
    },
  };
}

function createSettlement(foundation: Foundation, moving: Moving, records: RunRecords): Settlement {
  const { id: workerId, connection, mesh, options, events } = foundation;
  return new Settlement({
    connection,
    publisher: moving.publisher,
    records,
    mesh,
    ackWaitMs: options.ackWaitMs,
    logger: options.logger,
    workerId,
    closed: moving.close.signal,
    now: Date.now,
    isStale: (heardAt) => moving.stall.isStale(heardAt),
    events,
  });
}

interface OpenDeps {
  readonly registry: HandlerRegistry;
  readonly active: ActiveRuns;
  readonly stall: StallGuard;
  readonly deps: OddityDeps;
}

function open(delivery: Delivery, { registry, active, stall, deps }: OpenDeps): Opened | undefined {
  if (stall.suspicious || active.adopt(delivery)) return undefined;
  const opened = openRun(delivery, registry);
  const odd = { task: undefined, runsOn: "loop" } as const;
  if (!isRun(opened)) return { user: new Oddity(opened, deps), ...odd, dueAt: undefined };
  const { handler, meta } = opened;
  const { dueAt, task } = meta;
  if (handler === undefined) return { user: new Oddity(opened, deps), ...odd, dueAt };
  return { user: new Execution(opened, handler, deps), task, runsOn: handler.task.runsOn, dueAt };
}
