import {
  checkFields,
  checkTaskName,
  decode,
  parsePositiveDuration,
  type Duration,
  type OutcomeRecord,
  type RunState,
  type Task,
} from "@umbel/protocol";
import { after } from "@umbel/runtime";
import { checkCancelReason } from "./cancel-reason.ts";
import { cancelRun, unknownRun, type CancelDeps, type CancelResult } from "./cancel-run.ts";
import {
  editRunInput,
  promoteRun,
  rescheduleRun,
  type EditDeps,
  type RescheduleOptions,
} from "./edit-run.ts";
import type { Receipt } from "./receipt.ts";
import type { ResultInbox, Waiter } from "./result-inbox.ts";
import { ResultTimeout, TaskCancelled, TaskExpired, TaskFailed } from "./run-errors.ts";
import type { InputTask } from "./encode-input.ts";
import { readRunInfo, type RunInfo } from "./run-info.ts";

/** How long to wait for a result. */
export interface ResultOptions {
  /** Then `ResultTimeout` is thrown; the run goes on. @default as long as it takes */
  readonly timeout?: Duration;
  /** Stop waiting. */
  readonly signal?: AbortSignal;
}

/** Nearly every call awaits its result for as long as that takes. */
const NO_LIMITS: ResultOptions = {};

/** What {@link RunHandle.cancel} takes. */
export interface CancelOptions {
  /** Why: kept with the run, and told to whoever awaits it. At most 1000 characters. */
  readonly reason?: string;
  /** Who asks: kept and told likewise. At most 200 characters. */
  readonly by?: string;
}

/** What a handle needs of its mesh. */
export interface HandleDeps extends CancelDeps, EditDeps {
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
   * What the handler returned, once it is stored; `undefined` when the run was to ignore its result. May be called
   * any number of times.
   *
   * @throws TaskFailed, TaskCancelled, TaskExpired; ResultTimeout; UmbelError `run_unknown`, `connection_closed`;
   * the reason of `signal`.
   */
  async result(options: ResultOptions = NO_LIMITS): Promise<Output> {
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
  outcome(options: ResultOptions = NO_LIMITS): Promise<OutcomeRecord> {
    if (options !== NO_LIMITS) return this.#limited(options);
    return new Promise((resolve, reject) => {
      this.#wait(resolve, reject);
    });
  }

  async #limited(options: ResultOptions): Promise<OutcomeRecord> {
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

  /**
   * Start a scheduled run now: one that is delayed, or that waits more than a minute for its next attempt. Nothing
   * is done to one that is queued or running.
   *
   * @throws UmbelError `run_finished`, `run_unknown`; `run_not_scheduled` for a retry within a minute.
   */
  promote(): Promise<void> {
    return promoteRun(this.id, this.#deps);
  }

  /**
   * Make a scheduled run due at another time. What expires some time after it is due expires later, too.
   *
   * @throws UmbelError `run_not_scheduled` when it is due, queued or running; `run_finished`, `run_unknown`;
   * `conflict` when others change it all the time; `invalid_argument`.
   */
  reschedule(options: RescheduleOptions): Promise<void> {
    return rescheduleRun(this.id, options, this.#deps);
  }

  /**
   * Give a scheduled run another input. A task checks it; a task's name does not, and the worker will.
   *
   * @throws UmbelError as {@link reschedule} does; `schema_violation`, `not_encodable`, `payload_too_large`.
   */
  editInput<Input>(task: Task<Input, unknown, unknown, unknown>, input: NoInfer<Input>): Promise<void>;
  editInput(task: string, input: unknown): Promise<void>;
  async editInput(task: string | InputTask, input: unknown): Promise<void> {
    const known = typeof task === "string" ? { name: checkTaskName(task), inputSchema: undefined } : task;
    return editRunInput(this.id, { task: known, input }, this.#deps);
  }

  // The worker has checked the value against the task's output schema before it was stored.
  #trust(value: unknown): Output;
  #trust(value: unknown): unknown {
    return value;
  }

  async #await(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<OutcomeRecord> {
    const { promise, resolve, reject } = Promise.withResolvers<OutcomeRecord>();
    const abort = (): void => reject(signal?.reason);
    const forgetTimeout =
      timeoutMs === undefined
        ? undefined
        : after(timeoutMs, () => reject(new ResultTimeout(this.id, timeoutMs)));
    signal?.addEventListener("abort", abort, { once: true });
    let waiter: Waiter | undefined;
    try {
      waiter = this.#wait(resolve, reject);
      return await promise;
    } finally {
      forgetTimeout?.();
      signal?.removeEventListener("abort", abort);
      if (waiter !== undefined) this.#deps.inbox.remove(this.id, waiter);
    }
  }

  // The inbox forgets a waiter that it has told.
  #wait(resolve: Waiter["resolve"], reject: Waiter["reject"]): Waiter {
    const waiter: Waiter = { resolve, reject };
    this.#deps.inbox.add(this.id, waiter, this.receipt !== undefined && !this.receipt.existed);
    if (this.receipt === undefined) void this.#rejectUnknown(waiter);
    return waiter;
  }

  // Waiting for an id that nobody knows would last for ever.
  async #rejectUnknown(waiter: Waiter): Promise<void> {
    try {
      if ((await this.state()) !== "unknown") return;
      this.#deps.inbox.remove(this.id, waiter);
      waiter.reject(unknownRun(this.id));
    } catch {
      // The inbox keeps asking, and reports what does not pass.
    }
  }
}
