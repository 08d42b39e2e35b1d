import { randomBytes } from "node:crypto";
import {
  connectBroker,
  EventPublisher,
  provisionConsumers,
  provisionStreams,
  provisionTicks,
  type BrokerConnection,
} from "@umbel/broker";
import { createMesh, enqueueLayers } from "@umbel/client/internal";
import type { Logger } from "@umbel/runtime";
import { invalidArgument } from "@umbel/protocol";
import { logEvent } from "@umbel/telemetry";
import type { Handler } from "./handler.ts";
import { assemble } from "./assemble.ts";
import { EventListeners } from "./events/event-listeners.ts";
import { WorkerEvents } from "./events/worker-events.ts";
import { HandlerRegistry, loadHandlers } from "./handler-registry.ts";
import { declareSchedules } from "./schedules/declare-schedules.ts";
import { ProcessCare } from "./process-care.ts";
import type { Worker } from "./worker.ts";
import { resolveWorkerOptions, type ResolvedWorker, type WorkerOptions } from "./worker-options.ts";

/**
 * Start a worker: it pulls runs from its queues and executes their handlers until it is stopped.
 *
 * @throws UmbelError `invalid_argument`, `handler_missing`, `duplicate_task`; `cannot_connect`,
 * `permission_denied`, `unsupported_server`, `jetstream_disabled`, `config_conflict`.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const resolved = resolveWorkerOptions(options);
  checkDirectHandlers(resolved.handlers);
  // Before anything that takes its time: the first process of a container is deaf to signals that nobody hears.
  const care = resolved.signals ? new ProcessCare(resolved.logger) : undefined;
  try {
    const registry = new HandlerRegistry([...resolved.handlers, ...(await loadHandlers(resolved.modules))]);
    const worker = await connectAndStart(registry, resolved, care);
    care?.attach(worker);
    return worker;
  } catch (error) {
    care?.[Symbol.dispose]();
    throw error;
  }
}

async function connectAndStart(
  registry: HandlerRegistry,
  options: ResolvedWorker,
  care: ProcessCare | undefined,
): Promise<Worker> {
  const { workerName: name, logger } = options;
  const connection = await connectBroker({ name, ...options.connection, logger });
  try {
    return await startOn(connection, { registry, options, care });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface Start {
  readonly registry: HandlerRegistry;
  readonly options: ResolvedWorker;
  readonly care: ProcessCare | undefined;
}

async function startOn(connection: BrokerConnection, { registry, options, care }: Start): Promise<Worker> {
  const id = `${options.workerName}-${randomBytes(4).toString("hex")}`;
  const streams = await provisionStreams(connection, { replicas: options.replicas });
  const queues = options.queues ?? registry.queues;
  for (const queue of queues) await provisionConsumers(connection, queue, options.ackWaitMs);
  await provisionTicks(connection, options.ackWaitMs);
  const events = createEvents(connection, id, options);
  const mesh = await createMesh(connection, streams, {
    events,
    middleware: enqueueLayers(options.middleware),
  });
  if (options.schedules !== undefined) await declareSchedules(mesh, id, options);
  care?.expectRuns();
  const worker = await assemble({ id, connection, registry, options, mesh, events });
  logBroker(connection, options.logger);
  logEvent(options.logger, "worker.started", {
    workerId: id,
    mesh: connection.mesh,
    queues: worker.queues,
    tasks: worker.tasks,
    slots: options.concurrency,
    threads: options.threads,
  });
  const { queues: served, tasks } = worker;
  events.tell("worker.started", {
    queues: served,
    tasks,
    slots: options.concurrency,
    threads: options.threads,
  });
  return worker;
}

function createEvents(connection: BrokerConnection, id: string, options: ResolvedWorker): WorkerEvents {
  const source = { role: "worker", id } as const;
  const listeners = new EventListeners(source, options.logger);
  if (options.onEvent !== undefined) listeners.add(options.onEvent);
  return new WorkerEvents(listeners, options.events ? new EventPublisher(connection, source) : undefined);
}

// Threads load handlers from modules: a function cannot be handed to them.
function checkDirectHandlers(handlers: readonly Handler[]): void {
  const threaded = handlers.find(({ task }) => task.runsOn === "thread");
  if (threaded === undefined) return;
  throw invalidArgument({
    field: "handlers",
    received: threaded.task.name,
    expected: 'handlers of tasks that run on the "loop"',
    fix: "Export it from a module and give that in modules.",
  });
}

function logBroker(connection: BrokerConnection, logger: Logger): void {
  connection.onEvent((event) => {
    if (event.type === "disconnected") logEvent(logger, "broker.disconnected", { server: event.server });
    else if (event.type === "reconnected") logEvent(logger, "broker.reconnected", { server: event.server });
    else if (event.type === "closed" && event.error !== undefined) {
      logEvent(logger, "broker.error", { error: event.error });
    } else if (event.type === "refused") logEvent(logger, "broker.error", { error: event.error });
  });
}
