import { UmbelError, type EventType } from "@umbel/protocol";
import { withDeadline } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { EventListener } from "./events/event-listeners.ts";
import { Presence } from "./presence/presence.ts";
import { serveRemote } from "./remote/remote-service.ts";
import { WorkerChanges, type WorkerSizes } from "./worker-changes.ts";
import type { WorkerParts } from "./worker-parts.ts";
import { workerInfo, type WorkerInfo } from "./worker-info.ts";

/** A running worker. Made by `startWorker`. */
export class Worker implements AsyncDisposable {
  readonly #parts: WorkerParts;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #changes: WorkerChanges;
  readonly #presence: Presence;
  readonly #remote: Disposable;
  readonly #startedAt = performance.now();
  #stopping: Promise<void> | undefined;
  #hurried = Promise.withResolvers<void>();
  #failure: UmbelError | undefined;
  #leftRunIds: readonly string[] = [];
  #ended = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#changes = new WorkerChanges(parts, () => this.#stopping !== undefined);
    this.#presence = new Presence(parts, () => this.#state);
    this.#remote = serveRemote({
      parts,
      changes: this.#changes,
      entry: () => this.#presence.entry,
      tell: () => this.#presence.tell(),
      unreadyReason: () => this.unreadyReason,
      stop: (options) => void this.stop(options),
    });
    parts.announced.resolve(this.#presence.announce());
    parts.connection.onEvent((event) => event.type === "closed" && this.#onConnectionEnd(event.error));
  }

  /** Unique among all workers of all times. */
  get id(): string {
    return this.#parts.id;
  }

  get queues(): readonly string[] {
    return this.#parts.consumption.queues;
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

  /** Why it stopped of itself: its connection has ended for good, as when its user was removed. */
  get failure(): UmbelError | undefined {
    return this.#failure;
  }

  /** The runs that it could neither finish nor hand back when it stopped: they start again after the ack-wait. */
  get leftRunIds(): readonly string[] {
    return this.#leftRunIds;
  }

  /** What it is and does at this moment. */
  info(): WorkerInfo {
    const state = this.#ended ? "stopped" : this.#state;
    return workerInfo(this.#parts, { state, startedAt: this.#startedAt });
  }

  /**
   * Pull from one more queue; it is created if nobody has. Nothing happens when the worker pulls from it already.
   *
   * @throws UmbelError `invalid_argument`, `connection_closed` when it is stopping, or why the queue cannot be
   * made; then nothing has changed.
   */
  addQueue(name: string): Promise<void> {
    return this.#changes.addQueue(name);
  }

  /**
   * Pull from a queue no more. Resolves when nothing of it is held here any more: what executes ends, what has
   * not begun is handed back. Other workers go on with it, or it waits.
   *
   * @throws UmbelError `invalid_argument` when it does not pull from it, `connection_closed` when it is stopping.
   */
  removeQueue(name: string): Promise<void> {
    return this.#changes.removeQueue(name);
  }

  /**
   * Execute more or fewer runs at a time. More begin at once; when there are too many, they end in their own time.
   *
   * @throws UmbelError `invalid_argument`, `connection_closed` when it is stopping; then nothing has changed.
   */
  resize(sizes: WorkerSizes): void {
    this.#changes.resize(sizes);
  }

  /**
   * Take no more runs, and give back what has not begun; what executes ends. The worker stays, until {@link undrain}
   * or {@link stop}, and is not ready meanwhile. Nothing happens when it is draining already.
   *
   * @throws UmbelError `connection_closed` when it is stopping.
   */
  drain(): void {
    this.#changes.drain();
    this.#presence.tell();
  }

  /** Take runs again after {@link drain}. @throws UmbelError `connection_closed` when it is stopping */
  undrain(): void {
    this.#changes.undrain();
    this.#presence.tell();
  }

  /** Resolves when the worker has stopped, by whatever way. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Why the worker takes no runs now; `undefined` when it does. */
  get unreadyReason(): string | undefined {
    if (this.#stopping !== undefined) return "stopping";
    if (this.#changes.draining) return "draining";
    if (!this.#parts.connection.connected) return "not connected to the broker";
    return this.deafReason;
  }

  /** Why the process should be restarted; `undefined` when it should be left alone. */
  get deafReason(): string | undefined {
    if (this.#stopping === undefined && this.#parts.connection.closed)
      return "the connection has ended for good";
    const { consumption, ticks } = this.#parts;
    return consumption.deaf || ticks.deaf ? "connected, but the broker answers no pull requests" : undefined;
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
    this.#stopping ??= this.#drain(options.reason ?? "stop() was called").finally(() => {
      this.#ended = true;
      this.#stopped.resolve();
    });
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #state(): "running" | "draining" | "stopping" {
    if (this.#stopping !== undefined) return "stopping";
    return this.#changes.draining ? "draining" : "running";
  }

  async #drain(reason: string): Promise<void> {
    const { active, consumption, events, logger, id: workerId, options, ticks } = this.#parts;
    const { drainTimeoutMs, abortGraceMs } = options;
    const beganAt = performance.now();
    logEvent(logger, "worker.stopping", { workerId, reason, running: active.size, drainTimeoutMs });
    events.tell("worker.stopping", { reason, running: active.size });
    this.#presence.tell();
    const pullingEnded = Promise.all([consumption.stop(), ticks.stop()]);
    const finished = pullingEnded.then(() => active.empty()).then(() => true);
    const inTime = await withDeadline(
      Promise.race([finished, this.#hurried.promise.then(() => false)]),
      drainTimeoutMs,
    );
    const aborted = inTime === true ? [] : await this.#abortRest(finished, abortGraceMs);
    events.tell("worker.stopped", { durationMs: Math.round(performance.now() - beganAt) });
    await this.#close(aborted);
    if (this.#leftRunIds.length > 0)
      logEvent(logger, "worker.left_runs", { workerId, runIds: this.#leftRunIds });
    logEvent(logger, "worker.stopped", { workerId, durationMs: Math.round(performance.now() - beganAt) });
  }

  async #abortRest(finished: Promise<boolean>, abortGraceMs: number): Promise<readonly string[]> {
    const { active, logger, id: workerId, options } = this.#parts;
    const { runIds } = active;
    logEvent(logger, "worker.drain_timeout", {
      workerId,
      drainTimeoutMs: options.drainTimeoutMs,
      runIds,
    });
    active.abortAll("shutdown");
    // The grace of the handlers, then a moment for their hand-backs to be written.
    await withDeadline(finished, abortGraceMs + HAND_BACK_MS);
    return runIds;
  }

  /** @param aborted the runs whose hand-backs may still be on their way to the broker */
  async #close(aborted: readonly string[]): Promise<void> {
    const { active, close, heartbeat, stall, cancellations, threads, publisher, health, mesh } = this.#parts;
    this.#leftRunIds = active.runIds;
    close.abort();
    this.#parts.watch[Symbol.dispose]();
    heartbeat[Symbol.dispose]();
    stall[Symbol.dispose]();
    cancellations[Symbol.dispose]();
    await threads?.[Symbol.asyncDispose]();
    this.#remote[Symbol.dispose]();
    this.#presence.withdraw();
    if (!(await this.#flush())) this.#leftRunIds = [...new Set([...aborted, ...this.#leftRunIds])];
    publisher[Symbol.dispose]();
    // A server that has gone silent does not answer a goodbye either.
    await withDeadline(mesh.close(), HAND_BACK_MS);
    await health?.[Symbol.asyncDispose]();
  }

  // Acks and hand-backs are fire and forget: they must have left before the connection closes.
  async #flush(): Promise<boolean> {
    const { connection } = this.#parts;
    if (!connection.connected) return false;
    const flushed = connection.flush().then(
      () => true,
      () => false,
    );
    return (await withDeadline(flushed, HAND_BACK_MS)) === true;
  }

  // Nothing can be pulled or stored by this process any more: only another one, that is let in, can go on.
  #onConnectionEnd(error: UmbelError | undefined): void {
    if (this.#stopping !== undefined) return;
    const { logger, id: workerId } = this.#parts;
    this.#failure = new UmbelError(
      error?.code ?? "connection_closed",
      `the connection to the broker has ended for good, so the worker has stopped: ${error?.message ?? "it was closed."}`,
      { cause: error, details: { ...error?.details, servers: this.#parts.connection.servers } },
    );
    logEvent(logger, "worker.failed", { workerId, error: this.#failure });
    void this.stop({ reason: "the connection has ended for good", hurry: true });
  }
}

const HAND_BACK_MS = 1_000;
