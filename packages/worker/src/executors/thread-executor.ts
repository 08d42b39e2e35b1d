import { MessageChannel, type MessagePort, type ResourceLimits } from "node:worker_threads";
import { serializeError } from "@umbel/protocol";
import { after } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { AttemptResult } from "../execute/attempt.ts";
import { attemptFields } from "../execute/attempt-fields.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import { enqueueChild } from "../execute/enqueue-child.ts";
import { contextFields } from "./context-fields.ts";
import {
  checkResultSize,
  resultAfterAbort,
  type AttemptListener,
  type Executor,
  type ExecutorDeps,
} from "./executor.ts";
import { threadCrash } from "./thread-crash.ts";
import { ThreadLane } from "./thread-lane.ts";
import type { FromThread, ThreadResult, ThreadTask, ToThread } from "./thread-messages.ts";
import { ThreadPool, type ThreadCounts } from "./thread-pool.ts";

/** What a {@link ThreadExecutor} needs. */
export interface ThreadExecutorOptions {
  readonly threads: number;
  readonly modules: readonly string[];
  /** Runs after which a thread is replaced; `undefined` when it is kept. */
  readonly maxRuns: number | undefined;
  readonly limits: ResourceLimits | undefined;
}

/**
 * Executes handlers on threads, one at a time on each: for work that computes. The main thread keeps
 * heartbeats, pulls and cancels going, and ends a thread whose handler does not end. The threads start with
 * {@link start}, or with the first run.
 */
export class ThreadExecutor implements Executor, AsyncDisposable {
  readonly #deps: ExecutorDeps;
  readonly #options: ThreadExecutorOptions;
  #threads: number;
  #pool: ThreadPool | undefined;

  constructor(options: ThreadExecutorOptions, deps: ExecutorDeps) {
    this.#deps = deps;
    this.#options = options;
    this.#threads = options.threads;
  }

  /** What the threads do now; all idle while none is started. */
  get counts(): ThreadCounts {
    return this.#pool?.counts ?? { total: this.#threads, busy: 0, replaced: 0 };
  }

  /** Have as many threads from now on. Those that are too many end with their runs. */
  resize(threads: number): void {
    this.#threads = threads;
    this.#pool?.resize(threads);
  }

  /** Start the threads, so that no run has to wait for them. */
  start(): void {
    this.#open();
  }

  execute(request: AttemptRequest, listener: AttemptListener): void {
    void this.#attempt(request).then((result) => listener.onResult(result));
  }

  async #attempt(request: AttemptRequest): Promise<AttemptResult> {
    const { port1: port, port2 } = new MessageChannel();
    const kill = new AbortController();
    port.on("message", (message: FromThread) => this.#onMessage(request, port, message));
    const timer = this.#killAfterAbort(request, port, kill);
    try {
      const result = await this.#execute(request, port2, kill.signal);
      return result.kind === "returned"
        ? checkResultSize(result.result, request.run.meta.task, this.#deps.maxResultBytes)
        : result;
    } catch (error) {
      return this.#onThreadEnd(request, error);
    } finally {
      timer.stop();
      port.close();
    }
  }

  /** End all threads, whatever they do. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.[Symbol.asyncDispose]();
  }

  #open(): ThreadPool {
    const { modules, limits, maxRuns } = this.#options;
    const { logger } = this.#deps;
    this.#pool ??= new ThreadPool({
      threads: this.#threads,
      maxRuns,
      open: () =>
        new ThreadLane({
          modules,
          limits,
          onIdleError: (error) => logger.error({ err: error }, "a thread ended between two runs"),
        }),
      onSpareError: (error) => logger.error({ err: error }, "the successor of a thread did not start"),
    });
    return this.#pool;
  }

  #execute(request: AttemptRequest, port: MessagePort, kill: AbortSignal): Promise<ThreadResult> {
    // A view of a larger buffer would be copied with all of that buffer.
    const body = new Uint8Array(request.run.delivery.body);
    const task: ThreadTask = { fields: contextFields(request), body, trace: request.scope.headers(), port };
    return this.#open().run({ task, transferList: [body.buffer, port], kill });
  }

  // First the handler is told, then its thread is ended.
  #killAfterAbort(request: AttemptRequest, port: MessagePort, kill: AbortController): { stop(): void } {
    let ended = false;
    let forget = (): void => undefined;
    request.control.listener = {
      onAbort: (cause) => {
        if (ended) return;
        const { timeoutMs } = request.control;
        port.postMessage({ type: "abort", cause, timeoutMs } satisfies ToThread);
        forget = after(this.#deps.abortGraceMs, () => kill.abort());
      },
      onTerminate: () => {
        if (!ended) kill.abort();
      },
    };
    const stop = (): void => {
      ended = true;
      forget();
    };
    return { stop };
  }

  #onThreadEnd(request: AttemptRequest, error: unknown): AttemptResult {
    const fields = attemptFields(request, this.#deps.workerId);
    if (request.control.cause !== undefined) {
      logEvent(this.#deps.logger, "thread.killed", { ...fields, reason: request.control.cause });
      return resultAfterAbort(request.control, undefined);
    }
    const crash = threadCrash(error);
    logEvent(this.#deps.logger, "thread.crashed", { ...fields, error: crash });
    return { kind: "threw", error: serializeError(crash), retryable: true };
  }

  #onMessage(request: AttemptRequest, port: MessagePort, message: FromThread): void {
    if (message.type === "enqueue") void this.#enqueue(request, port, message);
    else {
      const { runId, task, queue, attempt } = contextFields(request);
      this.#deps.logger[message.level]({ runId, task, queue, attempt, ...message.fields }, message.message);
    }
  }

  async #enqueue(
    { run, scope }: AttemptRequest,
    port: MessagePort,
    { request }: Extract<FromThread, { type: "enqueue" }>,
  ): Promise<void> {
    const { index } = request;
    try {
      const reply = await enqueueChild(run, request, { mesh: this.#deps.mesh, parent: scope.callContext() });
      port.postMessage({ type: "enqueued", index, reply } satisfies ToThread);
    } catch (error) {
      port.postMessage({ type: "refused", index, error: serializeError(error) } satisfies ToThread);
    }
  }
}
