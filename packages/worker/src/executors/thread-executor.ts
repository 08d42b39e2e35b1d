import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { serializeError, UmbelError } from "@umbel/protocol";
import { after, type Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { AttemptResult } from "../execute/attempt.ts";
import { attemptFields } from "../execute/attempt-fields.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import { enqueueChild } from "../execute/enqueue-child.ts";
import { contextFields } from "./context-fields.ts";
import { checkResultSize, resultAfterAbort, type Executor } from "./executor.ts";
import type { LoopExecutorDeps } from "./loop-executor.ts";
import type { FromThread, ThreadResult, ThreadSetup, ThreadTask, ToThread } from "./thread-messages.ts";

type Pool = Piscina<ThreadTask, ThreadResult>;

/** What a {@link ThreadExecutor} needs. */
export interface ThreadExecutorOptions {
  readonly threads: number;
  readonly modules: readonly string[];
}

/**
 * Executes handlers on threads, one at a time on each: for work that computes. The main thread keeps
 * heartbeats, pulls and cancels going, and ends a thread whose handler does not end. The threads start with
 * {@link start}, or with the first run.
 */
export class ThreadExecutor implements Executor, AsyncDisposable {
  readonly #deps: LoopExecutorDeps;
  readonly #options: ThreadExecutorOptions;
  #pool: Pool | undefined;

  constructor(options: ThreadExecutorOptions, deps: LoopExecutorDeps) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Start the threads, so that no run has to wait for them. */
  start(): void {
    this.#open();
  }

  async execute(request: AttemptRequest): Promise<AttemptResult> {
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
    await this.#pool?.destroy();
  }

  #open(): Pool {
    this.#pool ??= openPool(this.#options, this.#deps.logger);
    return this.#pool;
  }

  #execute(request: AttemptRequest, port: MessagePort, signal: AbortSignal): Promise<ThreadResult> {
    // A view of a larger buffer would be copied with all of that buffer.
    const body = new Uint8Array(request.run.delivery.body);
    const task: ThreadTask = { fields: contextFields(request), body, trace: request.scope.headers(), port };
    return this.#open().run(task, { transferList: [body.buffer, port], signal });
  }

  // First the handler is told, then its thread is ended.
  #killAfterAbort(request: AttemptRequest, port: MessagePort, kill: AbortController): { stop(): void } {
    let ended = false;
    let forget = (): void => undefined;
    request.control.onAbort = (cause) => {
      if (ended) return;
      const timeoutMs = request.deadline === undefined ? undefined : this.#timeoutOf(request);
      port.postMessage({ type: "abort", cause, timeoutMs } satisfies ToThread);
      forget = after(this.#deps.abortGraceMs, () => kill.abort());
    };
    const stop = (): void => {
      ended = true;
      forget();
    };
    return { stop };
  }

  #timeoutOf({ run, handler }: AttemptRequest): number | undefined {
    return run.meta.timeoutMs ?? handler.task.timeoutMs;
  }

  #onThreadEnd(request: AttemptRequest, error: unknown): AttemptResult {
    const fields = attemptFields(request, this.#deps.workerId);
    if (request.control.cause !== undefined) {
      logEvent(this.#deps.logger, "thread.killed", { ...fields, reason: request.control.cause });
      return resultAfterAbort(request.control, undefined);
    }
    const crash = new UmbelError(
      "thread_crashed",
      `the thread ended while it executed the run: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
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

function openPool(options: ThreadExecutorOptions, logger: Logger): Pool {
  const pool: Pool = new Piscina<ThreadTask, ThreadResult>({
    filename: import.meta.resolve("@umbel/worker/thread"),
    name: "execute",
    minThreads: options.threads,
    maxThreads: options.threads,
    // An abort ends the thread: nothing else may be on it.
    concurrentTasksPerWorker: 1,
    // Otherwise a thread sleeps between two runs, and with it whatever its modules do in the background.
    atomics: "disabled",
    recordTiming: false,
    workerData: { modules: options.modules } satisfies ThreadSetup,
  });
  // A thread that dies between two runs is replaced by the pool; one that dies in a run fails that run.
  pool.on("error", (error) => logger.error({ err: error }, "a thread ended between two runs"));
  return pool;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
