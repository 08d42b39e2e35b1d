import type { BrokerConnection, Publisher } from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import type { EventType } from "@umbel/protocol";
import { withDeadline, type Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { ActiveRuns } from "./active-runs.ts";
import type { Cancellations } from "./consume/cancellations.ts";
import type { Consumption } from "./consume/consumption.ts";
import type { Heartbeat } from "./consume/heartbeat.ts";
import type { EventListener } from "./events/event-listeners.ts";
import type { WorkerEvents } from "./events/worker-events.ts";
import type { ThreadExecutor } from "./executors/thread-executor.ts";
import type { HealthServer } from "./health-server.ts";
import type { ResolvedWorker } from "./worker-options.ts";

/** What a {@link Worker} is made of. */
export interface WorkerParts {
  readonly id: string;
  readonly options: ResolvedWorker;
  readonly connection: BrokerConnection;
  readonly mesh: Mesh;
  readonly active: ActiveRuns;
  readonly cancellations: Cancellations;
  readonly consumption: Consumption;
  readonly heartbeat: Heartbeat;
  readonly threads: ThreadExecutor | undefined;
  readonly publisher: Publisher;
  readonly health: HealthServer | undefined;
  readonly tasks: readonly string[];
  readonly queues: readonly string[];
  readonly logger: Logger;
  readonly events: WorkerEvents;
  /** Ends the waiting of outcomes that cannot be stored. */
  readonly close: AbortController;
}

/** A running worker. Made by `startWorker`. */
export class Worker implements AsyncDisposable {
  readonly #parts: WorkerParts;
  readonly #stopped = Promise.withResolvers<void>();
  #stopping: Promise<void> | undefined;
  #hurried = Promise.withResolvers<void>();

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Unique among all workers of all times. */
  get id(): string {
    return this.#parts.id;
  }

  get queues(): readonly string[] {
    return this.#parts.queues;
  }

  get tasks(): readonly string[] {
    return this.#parts.tasks;
  }

  /** Where `/livez` and `/readyz` are, if they are. */
  get healthUrl(): string | undefined {
    return this.#parts.health?.url;
  }

  /** The ids of the runs that it executes, or is storing the outcomes of, now. */
  get runIds(): readonly string[] {
    return this.#parts.active.runIds;
  }

  /** Resolves when the worker has stopped, by whatever way. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Why the worker takes no runs now; `undefined` when it does. */
  get unreadyReason(): string | undefined {
    if (this.#stopping !== undefined) return "stopping";
    if (!this.#parts.connection.connected) return "not connected to the broker";
    return this.deafReason;
  }

  /** Why the process should be restarted; `undefined` when it should be left alone. */
  get deafReason(): string | undefined {
    if (this.#stopping === undefined && this.#parts.connection.closed)
      return "the connection has ended for good";
    return this.#parts.consumption.deaf ? "connected, but the broker answers no pull requests" : undefined;
  }

  /**
   * Hear the events of one type that this worker tells, at once, whether or not they are told to the mesh. A
   * listener runs on the event loop between runs: what it throws is logged, what takes long it should put off. Call
   * the result to stop listening.
   */
  on<Type extends EventType>(type: Type, listener: EventListener<Type>): () => void {
    return this.#parts.events.listeners.on(type, listener);
  }

  /**
   * Stop: pull no more, let runs finish until the drain timeout, abort the rest, hand back what did not end,
   * close. Safe to call twice; `hurry` skips what is left of the drain timeout.
   */
  stop(options: { readonly reason?: string; readonly hurry?: boolean } = {}): Promise<void> {
    if (options.hurry === true) this.#hurried.resolve();
    this.#stopping ??= this.#drain(options.reason ?? "stop() was called").finally(() =>
      this.#stopped.resolve(),
    );
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #drain(reason: string): Promise<void> {
    const { active, consumption, events, logger, id: workerId, options } = this.#parts;
    const { drainTimeoutMs, abortGraceMs } = options;
    const beganAt = performance.now();
    logEvent(logger, "worker.stopping", { workerId, reason, running: active.size, drainTimeoutMs });
    events.tell("worker.stopping", { reason, running: active.size });
    const pullingEnded = consumption.stop();
    const finished = pullingEnded.then(() => active.empty()).then(() => true);
    const inTime = await withDeadline(
      Promise.race([finished, this.#hurried.promise.then(() => false)]),
      drainTimeoutMs,
    );
    if (inTime !== true) await this.#abortRest(finished, abortGraceMs);
    events.tell("worker.stopped", { durationMs: Math.round(performance.now() - beganAt) });
    await this.#close();
    logEvent(logger, "worker.stopped", { workerId, durationMs: Math.round(performance.now() - beganAt) });
  }

  async #abortRest(finished: Promise<boolean>, abortGraceMs: number): Promise<void> {
    const { active, logger, id: workerId, options } = this.#parts;
    logEvent(logger, "worker.drain_timeout", {
      workerId,
      drainTimeoutMs: options.drainTimeoutMs,
      runIds: active.runIds,
    });
    active.abortAll("shutdown");
    // The grace of the handlers, then a moment for their hand-backs to be written.
    await withDeadline(finished, abortGraceMs + HAND_BACK_MS);
  }

  async #close(): Promise<void> {
    const { close, heartbeat, cancellations, threads, publisher, health, connection, mesh } = this.#parts;
    close.abort();
    heartbeat[Symbol.dispose]();
    cancellations[Symbol.dispose]();
    await threads?.[Symbol.asyncDispose]();
    // Acks and hand-backs are fire and forget: they must have left before the connection closes.
    if (connection.connected)
      await withDeadline(
        connection.flush().catch(() => undefined),
        HAND_BACK_MS,
      );
    publisher[Symbol.dispose]();
    await mesh.close();
    await health?.[Symbol.asyncDispose]();
  }
}

const HAND_BACK_MS = 1_000;
