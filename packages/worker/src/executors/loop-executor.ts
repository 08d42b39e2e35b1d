import type { AttemptResult } from "../execute/attempt.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import type { Executor, ExecutorDeps } from "./executor.ts";
import { LoopAttempt } from "./loop-attempt.ts";

/** Executes handlers on the event loop: many at a time, for work that waits. */
export class LoopExecutor implements Executor {
  readonly #deps: ExecutorDeps;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  execute(request: AttemptRequest): Promise<AttemptResult> {
    return new Promise((resolve) => new LoopAttempt(request, this.#deps, resolve).begin());
  }
}
