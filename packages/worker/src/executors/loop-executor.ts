import { logEvent } from "@umbel/telemetry";
import type { AttemptResult } from "../execute/attempt.ts";
import { attemptFields } from "../execute/attempt-fields.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import { checkResultSize, resultAfterAbort, type Executor } from "./executor.ts";
import { callHandler } from "./handler-call.ts";
import { LoopContext, type LoopContextDeps } from "./loop-context.ts";

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

  async execute(request: AttemptRequest): Promise<AttemptResult> {
    let timer: NodeJS.Timeout | undefined;
    const { promise: abandoned, resolve: abandon } = Promise.withResolvers<AttemptResult>();
    // A signal cannot stop a handler that ignores it: after the grace nobody waits for it any more.
    request.control.onAbort = () => {
      timer = setTimeout(() => abandon(this.#abandon(request)), this.#deps.abortGraceMs);
    };
    const result = await Promise.race([this.#call(request), abandoned]);
    clearTimeout(timer);
    return result;
  }

  async #call(request: AttemptRequest): Promise<AttemptResult> {
    const { handler, run, scope } = request;
    try {
      const context = new LoopContext(request, this.#deps);
      const result = await scope.run(() => callHandler(handler, run.delivery.body, context));
      return checkResultSize(result, run.meta.task, this.#deps.maxResultBytes);
    } catch (error) {
      return resultAfterAbort(request.control, error);
    }
  }

  #abandon(request: AttemptRequest): AttemptResult {
    const { control } = request;
    logEvent(this.#deps.logger, "handler.ignored_abort", {
      ...attemptFields(request, this.#deps.workerId),
      reason: control.cause ?? "",
      graceMs: this.#deps.abortGraceMs,
    });
    return resultAfterAbort(control, undefined);
  }
}
