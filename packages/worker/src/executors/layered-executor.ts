import { UmbelError, type UserHeaders } from "@umbel/protocol";
import { after, type Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { AttemptResult } from "../execute/attempt.ts";
import { attemptFields } from "../execute/attempt-fields.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import type { AttemptContext, AttemptEnd, ExecuteLayer } from "../middleware.ts";
import { userHeaders } from "./context-fields.ts";
import { resultAfterAbort, type AttemptListener, type Executor } from "./executor.ts";

/** What a {@link LayeredExecutor} needs. */
export interface LayeredExecutorDeps {
  readonly layers: readonly ExecuteLayer[];
  readonly logger: Logger;
  readonly workerId: string;
  readonly abortGraceMs: number;
}

/** After an abort the handler has its grace, then the middleware so much to come to an end. */
const LAYERS_GRACE_MS = 500;

/** `executor` with middleware around it; itself when there is none. */
export function withLayers(executor: Executor, deps: LayeredExecutorDeps): Executor {
  return deps.layers.length === 0 ? executor : new LayeredExecutor(executor, deps);
}

/** Executes attempts inside middleware, the first outermost. */
class LayeredExecutor implements Executor {
  readonly #inner: Executor;
  readonly #deps: LayeredExecutorDeps;

  constructor(inner: Executor, deps: LayeredExecutorDeps) {
    this.#inner = inner;
    this.#deps = deps;
  }

  execute(request: AttemptRequest, listener: AttemptListener): void {
    void this.#attempt(request).then((result) => listener.onResult(result));
  }

  async #attempt(request: AttemptRequest): Promise<AttemptResult> {
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    const stopWatch = this.#watch(request, resolve);
    const onion = new Onion(request, this.#inner, this.#deps.layers);
    void request.scope.run(() => onion.execute()).then(resolve);
    try {
      return await promise;
    } finally {
      stopWatch();
    }
  }

  // Like a handler, a middleware that ignores its signal is left behind.
  #watch(request: AttemptRequest, resolve: (result: AttemptResult) => void): () => void {
    const { abortGraceMs, logger, workerId } = this.#deps;
    const { control } = request;
    const graceMs = abortGraceMs + LAYERS_GRACE_MS;
    let forget = (): void => undefined;
    const onAbort = (): void => {
      forget = after(graceMs, () => {
        const fields = attemptFields(request, workerId);
        logEvent(logger, "handler.ignored_abort", { ...fields, reason: control.cause ?? "", graceMs });
        resolve(resultAfterAbort(control, undefined));
      });
    };
    const { signal } = control;
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    return () => {
      signal.removeEventListener("abort", onAbort);
      forget();
    };
  }
}

/** One attempt on its way through the middleware. */
class Onion {
  readonly #request: AttemptRequest;
  readonly #inner: Executor;
  readonly #layers: readonly ExecuteLayer[];
  readonly #context: LayerContext;
  #result: AttemptResult | undefined;

  constructor(request: AttemptRequest, inner: Executor, layers: readonly ExecuteLayer[]) {
    this.#request = request;
    this.#inner = inner;
    this.#layers = layers;
    this.#context = new LayerContext(request);
  }

  /** Never rejects: whatever a middleware throws is a result, as if the handler had thrown it. */
  async execute(): Promise<AttemptResult> {
    try {
      return await this.#step(0);
    } catch (error) {
      return this.#result?.kind === "interrupted"
        ? this.#result
        : resultAfterAbort(this.#request.control, error);
    }
  }

  async #step(index: number): Promise<AttemptResult> {
    const layer = this.#layers[index];
    if (layer === undefined) return (this.#result = await this.#handler());
    let calls = 0;
    await layer.execute(this.#context, async () => {
      if (++calls > 1) throw wrong(layer, "called next twice");
      return endOf(await this.#step(index + 1));
    });
    if (this.#result === undefined) throw wrong(layer, "ended without waiting for next, and did not throw");
    return this.#result;
  }

  // Aborted while a middleware was busy: the handler need not begin.
  #handler(): Promise<AttemptResult> | AttemptResult {
    const { control } = this.#request;
    if (control.cause !== undefined) return resultAfterAbort(control, undefined);
    return new Promise((resolve) => this.#inner.execute(this.#request, { onResult: resolve }));
  }
}

function endOf(result: AttemptResult): AttemptEnd {
  if (result.kind === "returned" || result.kind === "interrupted") return { kind: result.kind };
  return { kind: result.kind, error: result.error };
}

function wrong({ name }: ExecuteLayer, what: string): UmbelError {
  return new UmbelError("invalid_argument", `the middleware ${name ?? "without a name"} ${what}.`, {
    details: { field: "middleware", middleware: name },
  });
}

class LayerContext implements AttemptContext {
  readonly #request: AttemptRequest;
  #headers: UserHeaders | undefined;

  constructor(request: AttemptRequest) {
    this.#request = request;
  }

  get runId(): string {
    return this.#request.run.runId;
  }

  get task(): string {
    return this.#request.run.meta.task;
  }

  get queue(): string {
    return this.#request.run.queue;
  }

  get attempt(): number {
    return this.#request.ownership.attempt;
  }

  get delivery(): number {
    return this.#request.run.delivery.count;
  }

  get start(): number {
    return this.#request.ownership.starts;
  }

  get runsOn(): AttemptContext["runsOn"] {
    return this.#request.handler.task.runsOn;
  }

  get headers(): UserHeaders {
    return (this.#headers ??= userHeaders(this.#request.run.delivery.headers()));
  }

  get tags(): readonly string[] {
    return this.#request.run.meta.tags ?? [];
  }

  get signal(): AbortSignal {
    return this.#request.control.signal;
  }
}
