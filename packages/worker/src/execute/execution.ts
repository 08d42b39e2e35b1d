import { after } from "@umbel/runtime";
import { startProcessSpan, type ProcessScope } from "@umbel/telemetry";
import type { Held } from "../consume/heartbeat.ts";
import type { SlotUser } from "../consume/slot-pool.ts";
import type { Handler } from "../handler.ts";
import type { AttemptListener, Executor } from "../executors/executor.ts";
import type { Ending } from "../settle/outcome.ts";
import type { Settled, SettlementListener } from "../settle/settlement.ts";
import { AbortControl, type AbortCause } from "./abort-control.ts";
import { judge, type AttemptResult, type Verdict } from "./attempt.ts";
import type { AttemptRequest } from "./attempt-request.ts";
import { admitUnread, claimRun, type Admitted } from "./claim.ts";
import { endWithoutStart } from "./end-without-start.ts";
import type { ExecutionDeps } from "./execution-deps.ts";
import { attemptLimit, type AttemptLimit } from "./limits.ts";
import { reportAttempt } from "./report-attempt.ts";
import { FIRST_START, type Ownership, type Run, type RunDelivery } from "./run.ts";
import { firstDueAt, retryPolicyOf } from "./run-policy.ts";

/** A run with its handler, from the slot that it gets to its settlement. */
export class Execution implements SlotUser, Held, AttemptListener, SettlementListener {
  readonly run: Run;
  readonly #handler: Handler;
  readonly #deps: ExecutionDeps;
  readonly #control = new AbortControl();
  delivery: RunDelivery;
  leaseLost = false;
  ownership: Ownership | undefined;
  startedAt: number | undefined;
  #request: AttemptRequest | undefined;
  #verdict: Verdict | undefined;
  #beganAt = 0;
  #durationMs = 0;
  #disarmLimit: (() => void) | undefined;
  #slotHeld = true;

  constructor(run: Run, handler: Handler, deps: ExecutionDeps) {
    this.run = run;
    this.#handler = handler;
    this.#deps = deps;
    this.delivery = run.delivery;
  }

  begin(): void {
    if (this.#deps.isStale(this.delivery.heardAt)) return this.#leave();
    this.#deps.onBegin(this);
    const admitted = admitUnread(this.run, this.#deps.claim);
    if (admitted === undefined) void this.#claim();
    else this.#proceed(admitted);
  }

  giveUp(): void {
    this.#deps.untouched.handedBack(this.delivery);
    this.#deps.settlement.handBack(this.delivery);
    this.#deps.onEnd(this);
  }

  /** Tell the handler to stop. */
  abort(cause: AbortCause): void {
    this.#control.abort(cause);
  }

  /** End the handler now: what it still does counts for nothing. */
  terminate(cause: AbortCause): void {
    this.#control.terminate(cause);
  }

  /** The broker has handed the run over again although it is executed here: this delivery is the one that counts. */
  adopt(delivery: RunDelivery): void {
    this.delivery = delivery;
    this.leaseLost = false;
  }

  // It waited for its slot while this process stood still: another worker has it, and its delivery is not ours.
  #leave(): void {
    // Many may leave at once: not inside one another.
    queueMicrotask(() => this.#deps.release(this.#handler.task.runsOn, 0));
  }

  // From here on the life of a run is told step by step, by whoever has done the step: each promise for it would be paid
  // for by every run.
  async #claim(): Promise<void> {
    try {
      this.#proceed(await claimRun(this.run, this.#deps.claim));
    } catch (error) {
      this.onUnsettled(error);
    }
  }

  #proceed(admitted: Admitted): void {
    try {
      if (admitted.action === "start") this.#start(admitted.ownership);
      else this.#endWithoutStart(admitted);
    } catch (error) {
      this.onUnsettled(error);
    }
  }

  #start(ownership: Ownership): void {
    const request = this.#prepare(ownership);
    this.#request = request;
    this.#beganAt = performance.now();
    // Cancelled or stopped while its claim was written: what must end at once need not begin.
    if (this.#control.cause === undefined) this.#executor.execute(request, this);
    else this.onResult({ kind: "interrupted" });
  }

  /** The handler has ended: the next one begins while this one's outcome is on its way to the store. */
  onResult(result: AttemptResult): void {
    this.#disarmLimit?.();
    this.#durationMs = performance.now() - this.#beganAt;
    this.#release(this.#durationMs);
    try {
      const verdict = this.#judge(result);
      this.#verdict = verdict;
      this.#settle(verdict);
    } catch (error) {
      this.onUnsettled(error);
    }
  }

  /** What the attempt came to is stored, or was refused. */
  onSettled(settled: Settled): void {
    try {
      this.#report(settled);
    } catch (error) {
      // Of a span's end, for example: the code of others.
      return this.onUnsettled(error);
    }
    this.#end();
  }

  #report(settled: Settled): void {
    const request = this.#request;
    const verdict = this.#verdict;
    if (request === undefined || verdict === undefined) return;
    reportAttempt(request, { verdict, settled, durationMs: this.#durationMs }, this.#deps);
  }

  /** The delivery is left alone: its ack-wait brings the run back. */
  onUnsettled(error: unknown): void {
    const { runId, queue, meta } = this.run;
    this.#deps.logger.error({ runId, queue, task: meta.task, err: error }, "a run could not be settled");
    this.#end();
  }

  #end(): void {
    this.#release(0);
    this.#deps.onEnd(this);
  }

  get #executor(): Executor {
    return this.#deps.executors[this.#handler.task.runsOn];
  }

  // Only what was begun is judged.
  get #owned(): Ownership {
    return this.ownership ?? FIRST_START;
  }

  #release(durationMs: number): void {
    if (!this.#slotHeld) return;
    this.#slotHeld = false;
    this.#deps.release(this.#handler.task.runsOn, durationMs);
  }

  #prepare(ownership: Ownership): AttemptRequest {
    this.ownership = ownership;
    const startedAt = this.#deps.claim.now();
    this.startedAt = startedAt;
    this.#deps.counter.started(this.run.meta.task);
    const limit = attemptLimit(startedAt, this.#timeoutMs(), this.run.meta.deadlineAt);
    const request = this.#requestFor(ownership, limit?.at);
    this.#deps.events.started(this.run, ownership, startedAt);
    if (limit !== undefined) this.#disarmLimit = this.#arm(limit);
    return request;
  }

  #judge(result: AttemptResult): Verdict {
    const { meta } = this.run;
    return judge(result, () => ({
      attempt: this.#owned.attempt,
      policy: retryPolicyOf(this.#handler.task.retry, meta),
      random: Math.random(),
      now: this.#deps.claim.now(),
      firstDueAt: firstDueAt(meta),
    }));
  }

  // What an operator has set for this worker stands above what the enqueue and the definition say.
  #timeoutMs(): number | undefined {
    const { task, timeoutMs = this.#handler.task.timeoutMs } = this.run.meta;
    const { timeLimits } = this.#deps;
    return timeLimits.size === 0 ? timeoutMs : (timeLimits.get(task) ?? timeoutMs);
  }

  #endWithoutStart(admitted: Exclude<Admitted, { action: "start" }>): void {
    this.#release(0);
    endWithoutStart(this.run, admitted, this.#deps).then(
      () => this.#end(),
      (error: unknown) => this.onUnsettled(error),
    );
  }

  #settle(verdict: Verdict): void {
    const run = this.#current();
    const { startedAt } = this;
    const { settlement } = this.#deps;
    const ownership = this.#owned;
    switch (verdict.kind) {
      case "succeeded":
        return settlement.succeed(run, ownership, {
          state: "succeeded",
          startedAt,
          result: verdict.result,
          listener: this,
        });
      case "failed":
        return this.#await(settlement.end(run, ownership, failureOf(verdict, startedAt)));
      case "retry":
        return this.#await(settlement.retry(run, ownership, verdict));
      case "interrupted":
        return this.#await(settlement.interrupt(run, ownership));
      default:
        return verdict satisfies never;
    }
  }

  #await(settled: Promise<Settled>): void {
    settled.then(
      (how) => this.onSettled(how),
      (error: unknown) => this.onUnsettled(error),
    );
  }

  // The run with the delivery that counts now.
  #current(): Run {
    return this.delivery === this.run.delivery ? this.run : { ...this.run, delivery: this.delivery };
  }

  #requestFor(ownership: Ownership, deadline: number | undefined): AttemptRequest {
    return {
      run: this.run,
      handler: this.#handler,
      ownership,
      control: this.#control,
      scope: this.#openScope(ownership),
      deadline,
    };
  }

  #openScope(ownership: Ownership): ProcessScope {
    const { runId, queue, meta, trace, delivery } = this.run;
    return startProcessSpan({
      task: meta.task,
      queue,
      runId,
      attempt: ownership.attempt,
      delivery: delivery.count,
      start: ownership.starts,
      workerId: this.#deps.workerId,
      enqueuedAtMs: meta.enqueuedAt,
      runsOn: this.#handler.task.runsOn,
      traceHeaders: trace,
      parentRunId: meta.parentRunId,
      rootRunId: meta.rootRunId,
      priority: delivery.source.priority,
    });
  }

  #arm({ cause, afterMs }: AttemptLimit): () => void {
    return after(afterMs, () => this.#control.abort(cause, afterMs));
  }
}

function failureOf(
  { error, reason: deadLetter, detail }: Extract<Verdict, { kind: "failed" }>,
  startedAt: number | undefined,
): Ending {
  const failure = { state: "failed", startedAt, error, deadLetter } as const;
  return detail === undefined ? failure : { ...failure, reason: detail };
}
