import { AsyncLocalStorage } from "node:async_hooks";
import { serializeError, UmbelError } from "@umbel/protocol";
import { after } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { AbortListener } from "../execute/abort-control.ts";
import type { AttemptResult } from "../execute/attempt.ts";
import { attemptFields } from "../execute/attempt-fields.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import { ignoresResult } from "../execute/run-policy.ts";
import { checkResultSize, resultAfterAbort, type AttemptListener, type ExecutorDeps } from "./executor.ts";
import { callHandler } from "./handler-call.ts";
import { LoopContext } from "./loop-context.ts";

const attempts = new AsyncLocalStorage<LoopAttempt>();

/**
 * One attempt on the loop. It is answerable for what its handler sets going and does not wait for: a timer, a
 * promise, a listener. An error from there reaches nobody, and would end the process with all its other runs.
 */
export class LoopAttempt implements AbortListener {
  readonly #request: AttemptRequest;
  readonly #deps: ExecutorDeps;
  readonly #listener: AttemptListener;
  #ended = false;
  #stopGrace: (() => void) | undefined;

  constructor(request: AttemptRequest, deps: ExecutorDeps, listener: AttemptListener) {
    this.#request = request;
    this.#deps = deps;
    this.#listener = listener;
  }

  get workerId(): string {
    return this.#deps.workerId;
  }

  get run(): { readonly runId: string; readonly task: string } {
    const { runId, meta } = this.#request.run;
    return { runId, task: meta.task };
  }

  /** Call the handler. */
  begin(): void {
    const { handler, run, scope, control } = this.#request;
    control.listener = this;
    const call = { handler, ignoreResult: ignoresResult(run) };
    const context = new LoopContext(this.#request, this.#deps);
    scope
      .run(() => attempts.run(this, callHandler, call, run.delivery.body, context))
      .then(
        (result) => this.#end(checkResultSize(result, run.meta.task, this.#deps.maxResultBytes)),
        (error: unknown) => this.#end(resultAfterAbort(control, error)),
      );
  }

  // A signal cannot stop a handler that ignores it: after the grace nobody waits for it any more.
  onAbort(): void {
    const { abortGraceMs } = this.#deps;
    if (!this.#ended) this.#stopGrace = after(abortGraceMs, () => this.#abandon(abortGraceMs));
  }

  onTerminate(): void {
    if (!this.#ended) this.#abandon(0);
  }

  /** Fail the attempt for an error that nobody caught; `false` when it has ended already. */
  charge(error: unknown): boolean {
    if (this.#ended) return false;
    const failure = new UmbelError(
      "handler_failed",
      `something that the handler started and did not wait for has thrown: ${messageOf(error)}`,
      { cause: error },
    );
    this.#end({ kind: "threw", error: serializeError(failure), retryable: true });
    return true;
  }

  #abandon(graceMs: number): void {
    const { control } = this.#request;
    const fields = attemptFields(this.#request, this.#deps.workerId);
    logEvent(this.#deps.logger, "handler.ignored_abort", { ...fields, reason: control.cause ?? "", graceMs });
    this.#end(resultAfterAbort(control, undefined));
  }

  // A handler that was left behind may end later: the first end counts.
  #end(result: AttemptResult): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopGrace?.();
    this.#listener.onResult(result);
  }
}

/** The attempt from whose handler the code comes that executes now; in a listener of uncaught errors, that threw. */
export function currentLoopAttempt(): LoopAttempt | undefined {
  return attempts.getStore();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
