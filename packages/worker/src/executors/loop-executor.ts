import type { AttemptRequest } from "../execute/attempt-request.ts";
import type { AttemptListener, Executor, ExecutorDeps } from "./executor.ts";
import { LoopAttempt } from "./loop-attempt.ts";

/** Executes handlers on the event loop: many at a time, for work that waits. */
export class LoopExecutor implements Executor {
  readonly #deps: ExecutorDeps;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  execute(request: AttemptRequest, listener: AttemptListener): void {
    new LoopAttempt(request, this.#deps, listener).begin();
  }
}
