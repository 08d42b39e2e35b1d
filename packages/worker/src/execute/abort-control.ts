import { UmbelError } from "@umbel/protocol";

/** Why an attempt is aborted. */
export type AbortCause = "timeout" | "deadline" | "cancelled" | "shutdown";

/** Who makes a handler end. */
export interface AbortListener {
  onAbort(cause: AbortCause): void;
  /** Nobody waits for the handler any more. */
  onTerminate(): void;
}

/**
 * The abort of one attempt. Most attempts never need a signal, so it is made when the handler first looks at it.
 */
export class AbortControl {
  #controller: AbortController | undefined;
  #reason: UmbelError | undefined;
  #cause: AbortCause | undefined;
  #timeoutMs: number | undefined;
  #listener: AbortListener | undefined;
  #terminated = false;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined && !this.#controller.signal.aborted) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Why it was aborted, if it was. */
  get cause(): AbortCause | undefined {
    return this.#cause;
  }

  get reason(): UmbelError | undefined {
    return this.#reason;
  }

  /** The timeout that has passed, if that is why. */
  get timeoutMs(): number | undefined {
    return this.#timeoutMs;
  }

  /** Hear what happens; at once if it has happened. */
  set listener(listener: AbortListener) {
    this.#listener = listener;
    if (this.#cause !== undefined) listener.onAbort(this.#cause);
    if (this.#terminated) listener.onTerminate();
  }

  /** Abort, and give the handler no time to end. The first cause stays. */
  terminate(cause: AbortCause): void {
    this.abort(cause);
    if (this.#terminated) return;
    this.#terminated = true;
    this.#listener?.onTerminate();
  }

  /** Abort. The first cause stays. */
  abort(cause: AbortCause, timeoutMs?: number): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#timeoutMs = timeoutMs;
    this.#reason = abortReason(cause, timeoutMs);
    this.#controller?.abort(this.#reason);
    this.#listener?.onAbort(cause);
  }
}

/** The error that a handler's signal aborts with. */
export function abortReason(cause: AbortCause, timeoutMs?: number): UmbelError {
  switch (cause) {
    case "timeout":
      return new UmbelError(
        "attempt_timeout",
        `the attempt took longer than its timeout of ${timeoutMs} ms.`,
        {
          details: { timeoutMs },
        },
      );
    case "deadline":
      return new UmbelError("deadline_exceeded", "the deadline of the run passed while it was executed.");
    case "cancelled":
      return new UmbelError("run_cancelled", "the run was cancelled.");
    case "shutdown":
      return new UmbelError(
        "connection_closed",
        "the worker is stopping: the run is handed back to another.",
      );
    default:
      return cause satisfies never;
  }
}
