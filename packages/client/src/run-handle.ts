import {
  checkFields,
  decode,
  parsePositiveDuration,
  type Duration,
  type OutcomeRecord,
  type RunState,
} from "@umbel/protocol";
import { after } from "@umbel/runtime";
import { checkCancelReason } from "./cancel-reason.ts";
import { cancelRun, unknownRun, type CancelDeps, type CancelResult } from "./cancel-run.ts";
import type { Receipt } from "./receipt.ts";
import type { ResultInbox, Waiter } from "./result-inbox.ts";
import { ResultTimeout, TaskCancelled, TaskExpired, TaskFailed } from "./run-errors.ts";
import { readRunInfo, type RunInfo } from "./run-info.ts";

/** How long to wait for a result. */
export interface ResultOptions {
  /** Then `ResultTimeout` is thrown; the run goes on. @default as long as it takes */
  readonly timeout?: Duration;
  /** Stop waiting. */
  readonly signal?: AbortSignal;
}

/** What {@link RunHandle.cancel} takes. */
export interface CancelOptions {
  /** Why: kept with the run, and told to whoever awaits it. At most 1000 characters. */
  readonly reason?: string;
  /** Who asks: kept and told likewise. At most 200 characters. */
  readonly by?: string;
}

/** What a handle needs of its mesh. */
export interface HandleDeps extends CancelDeps {
  readonly inbox: ResultInbox;
}

/** A run, from any process: of one's own enqueue, or by its id. */
export class RunHandle<Output> {
  readonly id: string;
  /** What the acknowledgement of the enqueue meant; `undefined` for a handle made from an id. */
  readonly receipt: Receipt | undefined;
  readonly #deps: HandleDeps;

  constructor(id: string, deps: HandleDeps, receipt?: Receipt) {
    this.id = id;
    this.receipt = receipt;
    this.#deps = deps;
  }

  /**
   * What the handler returned, once it is stored. May be called any number of times.
   *
   * @throws TaskFailed, TaskCancelled, TaskExpired; ResultTimeout; UmbelError `run_unknown`, `connection_closed`;
   * the reason of `signal`.
   */
  async result(options: ResultOptions = {}): Promise<Output> {
    const outcome = await this.outcome(options);
    switch (outcome.state) {
      case "succeeded":
        return this.#trust(outcome.result === undefined ? undefined : decode(outcome.result, "result"));
      case "failed":
        throw new TaskFailed(this.id, outcome);
      case "cancelled":
        throw new TaskCancelled(this.id, outcome);
      case "expired":
        throw new TaskExpired(this.id, outcome);
      default:
        return outcome.state satisfies never;
    }
  }

  /** How the run ended, once it has, whatever the outcome. @throws as {@link result} does while waiting */
  async outcome(options: ResultOptions = {}): Promise<OutcomeRecord> {
    checkFields(options, "result", ["timeout", "signal"]);
    const timeoutMs =
      options.timeout === undefined ? undefined : parsePositiveDuration(options.timeout, "result.timeout");
    options.signal?.throwIfAborted();
    return this.#await(timeoutMs, options.signal);
  }

  /** Where the run is now. `running` is approximate: a first start leaves no mark. */
  async state(): Promise<RunState> {
    return (await this.info()).state;
  }

  /** All that is known of the run now. */
  info(): Promise<RunInfo> {
    return readRunInfo(this.id, this.#deps);
  }

  /**
   * Cancel the run wherever it is. A queued or scheduled one never starts; the signal of a running one aborts,
   * and whatever it still returns is refused.
   *
   * @throws UmbelError `run_unknown`, `permission_denied`.
   */
  async cancel(options: CancelOptions = {}): Promise<CancelResult> {
    checkFields(options, "cancel", ["reason", "by"]);
    return cancelRun(this.id, checkCancelReason(options), this.#deps);
  }

  // The worker has checked the value against the task's output schema before it was stored.
  #trust(value: unknown): Output;
  #trust(value: unknown): unknown {
    return value;
  }

  async #await(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<OutcomeRecord> {
    const { inbox } = this.#deps;
    const { promise, resolve, reject } = Promise.withResolvers<OutcomeRecord>();
    const waiter: Waiter = { resolve, reject };
    const abort = (): void => reject(signal?.reason);
    const forgetTimeout =
      timeoutMs === undefined
        ? undefined
        : after(timeoutMs, () => reject(new ResultTimeout(this.id, timeoutMs)));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      inbox.add(this.id, waiter, this.receipt !== undefined && !this.receipt.existed);
      if (this.receipt === undefined) void this.#rejectUnknown(waiter);
      return await promise;
    } finally {
      forgetTimeout?.();
      signal?.removeEventListener("abort", abort);
      inbox.remove(this.id, waiter);
    }
  }

  // Waiting for an id that nobody knows would last for ever.
  async #rejectUnknown(waiter: Waiter): Promise<void> {
    try {
      if ((await this.state()) === "unknown") waiter.reject(unknownRun(this.id));
    } catch {
      // The inbox keeps asking, and reports what does not pass.
    }
  }
}
