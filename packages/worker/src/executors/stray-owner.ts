import { AsyncLocalStorage } from "node:async_hooks";
import { serializeError, UmbelError } from "@umbel/protocol";
import type { AttemptResult } from "../execute/attempt.ts";
import type { AttemptRequest } from "../execute/attempt-request.ts";

const owners = new AsyncLocalStorage<StrayOwner>();

/**
 * The run that is answerable for what its handler sets going on the loop and does not wait for: a timer, a
 * promise, a listener. An error from there reaches nobody, and would end the process with all its other runs.
 */
export class StrayOwner {
  readonly workerId: string;
  readonly #request: AttemptRequest;
  readonly #resolve: (result: AttemptResult) => void;
  #ended = false;

  constructor(request: AttemptRequest, workerId: string, resolve: (result: AttemptResult) => void) {
    this.#request = request;
    this.workerId = workerId;
    this.#resolve = resolve;
  }

  get run(): { readonly runId: string; readonly task: string } {
    const { runId, meta } = this.#request.run;
    return { runId, task: meta.task };
  }

  /** Call the handler as the owner of whatever it starts. */
  call<T>(handler: () => T): T {
    return owners.run(this, handler);
  }

  /** The attempt has come to `result`, unless it has ended before. */
  end(result: AttemptResult): void {
    this.#ended = true;
    this.#resolve(result);
  }

  /** Fail the attempt for an error that nobody caught; `false` when it has ended already. */
  charge(error: unknown): boolean {
    if (this.#ended) return false;
    const failure = new UmbelError(
      "handler_failed",
      `something that the handler started and did not wait for has thrown: ${messageOf(error)}`,
      { cause: error },
    );
    this.end({ kind: "threw", error: serializeError(failure), retryable: true });
    return true;
  }
}

/** The run from whose handler the code comes that executes now; in a listener of uncaught errors, that threw. */
export function strayOwner(): StrayOwner | undefined {
  return owners.getStore();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
