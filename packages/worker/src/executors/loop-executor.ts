import { after } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { AttemptResult } from "../execute/attempt.ts";
import { attemptFields } from "../execute/attempt-fields.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import { ignoresResult } from "../execute/run-policy.ts";
import { checkResultSize, resultAfterAbort, type Executor } from "./executor.ts";
import { callHandler } from "./handler-call.ts";
import { LoopContext, type LoopContextDeps } from "./loop-context.ts";
import { StrayOwner } from "./stray-owner.ts";

/** What a {@link LoopExecutor} needs. */
export interface LoopExecutorDeps extends LoopContextDeps {
  readonly workerId: string;
  readonly abortGraceMs: number;
  readonly maxResultBytes: number;
}

/** Executes handlers on the event loop: many at a time, for work that waits. */
export class LoopExecutor implements Executor {
  readonly #deps: LoopExecutorDeps;

  constructor(deps: LoopExecutorDeps) {
    this.#deps = deps;
  }

  execute(request: AttemptRequest): Promise<AttemptResult> {
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    const owner = new StrayOwner(request, this.#deps.workerId, resolve);
    // A signal cannot stop a handler that ignores it: after the grace nobody waits for it any more.
    request.control.onAbort = () => {
      const forget = after(this.#deps.abortGraceMs, () => owner.end(this.#abandon(request)));
      void promise.finally(forget);
    };
    request.control.onTerminate = () => owner.end(this.#abandon(request, 0));
    const { handler, run, scope } = request;
    const context = new LoopContext(request, this.#deps);
    const call = { handler, ignoreResult: ignoresResult(run) };
    scope
      .run(() => owner.call(() => callHandler(call, run.delivery.body, context)))
      .then((result) => checkResultSize(result, run.meta.task, this.#deps.maxResultBytes))
      .catch((error: unknown) => resultAfterAbort(request.control, error))
      .then(
        (result) => owner.end(result),
        () => undefined,
      );
    return promise;
  }

  #abandon(request: AttemptRequest, graceMs = this.#deps.abortGraceMs): AttemptResult {
    const { control } = request;
    logEvent(this.#deps.logger, "handler.ignored_abort", {
      ...attemptFields(request, this.#deps.workerId),
      reason: control.cause ?? "",
      graceMs,
    });
    return resultAfterAbort(control, undefined);
  }
}
