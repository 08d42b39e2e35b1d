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
  readonly #end: (result: AttemptResult) => void;
  #ended = false;

  /** @param end ends the attempt; later ends count for nothing */
  constructor(request: AttemptRequest, workerId: string, end: (result: AttemptResult) => void) {
    this.#request = request;
    this.workerId = workerId;
    this.#end = end;
  }

  get run(): { readonly runId: string; readonly task: string } {
    const { runId, meta } = this.#request.run;
    return { runId, task: meta.task };
  }

  /** Call the handler as the owner of whatever it starts. */
  async call<T>(handler: () => Promise<T>): Promise<T> {
    try {
      return await owners.run(this, handler);
    } finally {
      this.#ended = true;
    }
  }

  /** Fail the attempt for an error that nobody caught; `false` when its handler has ended already. */
  charge(error: unknown): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    const failure = new UmbelError(
      "handler_failed",
      `something that the handler started and did not wait for has thrown: ${messageOf(error)}`,
      { cause: error },
    );
    this.#end({ kind: "threw", error: serializeError(failure), retryable: true });
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
