import { after } from "@umbel/runtime";
import { logEvent, startProcessSpan, type ProcessScope } from "@umbel/telemetry";
import type { Held } from "../consume/heartbeat.ts";
import type { SlotUser } from "../consume/slot-pool.ts";
import type { Handler } from "../handler.ts";
import type { Settled } from "../settle/settlement.ts";
import { AbortControl, type AbortCause } from "./abort-control.ts";
import { judge, type AttemptResult, type Verdict } from "./attempt.ts";
import { attemptFields } from "./attempt-fields.ts";
import type { AttemptRequest } from "./attempt-request.ts";
import { admitUnread, claimRun, type Admitted } from "./claim.ts";
import { endWithoutStart } from "./end-without-start.ts";
import type { ExecutionDeps } from "./execution-deps.ts";
import { attemptLimit, type AttemptLimit } from "./limits.ts";
import { processResult } from "./process-result.ts";
import type { Ownership, Run, RunDelivery } from "./run.ts";
import type { PolicyFault } from "./retry-decision.ts";
import { firstDueAt, retryPolicyOf } from "./run-policy.ts";

/** A run with its handler, from the slot that it gets to its settlement. */
export class Execution implements SlotUser, Held {
  readonly run: Run;
  readonly #handler: Handler;
  readonly #deps: ExecutionDeps;
  readonly #control = new AbortControl();
  delivery: RunDelivery;
  leaseLost = false;
  ownership: Ownership | undefined;
  startedAt: number | undefined;
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
    void this.#perform();
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

  // The life of a run, step by step, in one function: every run pays for each promise. Never rejects.
  async #perform(): Promise<void> {
    try {
      const admitted =
        admitUnread(this.run, this.#deps.claim) ?? (await claimRun(this.run, this.#deps.claim));
      if (admitted.action !== "start") return await this.#endWithoutStart(admitted);
      const { ownership } = admitted;
      const request = this.#start(ownership);
      const beganAt = performance.now();
      // Cancelled or stopped while its claim was written: what must end at once need not begin.
      const result: AttemptResult =
        this.#control.cause === undefined
          ? await this.#deps.executors[this.#handler.task.runsOn].execute(request)
          : { kind: "interrupted" };
      this.#disarmLimit?.();
      const durationMs = performance.now() - beganAt;
      // The next handler begins while this one's outcome is on its way to the store.
      this.#release(durationMs);
      const verdict = this.#judge(result, ownership);
      const settled = await this.#settle(verdict, ownership);
      this.#report(request, { verdict, settled, durationMs });
    } catch (error) {
      // The delivery is left alone: its ack-wait brings the run back.
      const { runId, queue, meta } = this.run;
      this.#deps.logger.error({ runId, queue, task: meta.task, err: error }, "a run could not be settled");
    } finally {
      this.#release(0);
      this.#deps.onEnd(this);
    }
  }

  #release(durationMs: number): void {
    if (!this.#slotHeld) return;
    this.#slotHeld = false;
    this.#deps.release(this.#handler.task.runsOn, durationMs);
  }

  #start(ownership: Ownership): AttemptRequest {
    this.ownership = ownership;
    const startedAt = this.#deps.claim.now();
    this.startedAt = startedAt;
    this.#deps.counter.started(this.run.meta.task);
    const limit = attemptLimit(startedAt, this.#timeoutMs(), this.run.meta.deadlineAt);
    const request = this.#request(ownership, limit?.at);
    this.#deps.events.started(this.run, ownership, startedAt);
    if (limit !== undefined) this.#disarmLimit = this.#arm(limit);
    return request;
  }

  #judge(result: AttemptResult, ownership: Ownership): Verdict {
    const { meta } = this.run;
    return judge(result, {
      attempt: ownership.attempt,
      policy: retryPolicyOf(this.#handler.task.retry, meta),
      random: Math.random(),
      now: this.#deps.claim.now(),
      firstDueAt: firstDueAt(meta),
    });
  }

  // What an operator has set for this worker stands above what the enqueue and the definition say.
  #timeoutMs(): number | undefined {
    const { task, timeoutMs = this.#handler.task.timeoutMs } = this.run.meta;
    const { timeLimits } = this.#deps;
    return timeLimits.size === 0 ? timeoutMs : (timeLimits.get(task) ?? timeoutMs);
  }

  #endWithoutStart(admitted: Exclude<Admitted, { action: "start" }>): Promise<void> {
    this.#release(0);
    return endWithoutStart(this.run, admitted, this.#deps);
  }

  #settle(verdict: Verdict, ownership: Ownership): Promise<Settled> {
    const run = this.#current();
    const { startedAt } = this;
    const { settlement } = this.#deps;
    switch (verdict.kind) {
      case "succeeded":
        return settlement.end(run, ownership, { state: "succeeded", startedAt, result: verdict.result });
      case "failed":
        return settlement.end(run, ownership, {
          state: "failed",
          startedAt,
          error: verdict.error,
          deadLetter: verdict.reason,
          ...(verdict.detail === undefined ? {} : { reason: verdict.detail }),
        });
      case "retry":
        return settlement.retry(run, ownership, verdict);
      case "interrupted":
        return settlement.interrupt(run, ownership);
      default:
        return verdict satisfies never;
    }
  }

  // The run with the delivery that counts now.
  #current(): Run {
    return this.delivery === this.run.delivery ? this.run : { ...this.run, delivery: this.delivery };
  }

  #request(ownership: Ownership, deadline: number | undefined): AttemptRequest {
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

  #report(
    request: AttemptRequest,
    {
      verdict,
      settled,
      durationMs,
    }: { readonly verdict: Verdict; readonly settled: Settled; readonly durationMs: number },
  ): void {
    const { logger, workerId } = this.#deps;
    const result = processResult(verdict, settled, request.control.cause);
    const { outcome } = result;
    request.scope.end(result);
    this.#deps.counter.ended(this.run.meta.task, outcome);
    // Two of every three runs are reported here: no object for a line that is not written.
    if (outcome === "succeeded" && !this.#deps.verbose()) return;
    const fields = attemptFields(request, workerId);
    for (const fault of faultsOf(verdict)) logEvent(logger, "retry.option_failed", { ...fields, ...fault });
    if (outcome === "cancelled") logEvent(logger, "run.cancelled", fields);
    else if (outcome === "refused")
      logEvent(logger, "run.refused", { ...fields, outcome: verdict.kind, durationMs });
    else if (verdict.kind === "succeeded") logEvent(logger, "run.succeeded", { ...fields, durationMs });
    else if (verdict.kind === "retry")
      logEvent(logger, "run.retrying", {
        ...fields,
        delayMs: verdict.delayMs,
        reason: verdict.error.message,
      });
    else if (verdict.kind === "failed")
      logEvent(logger, "run.failed", { ...fields, durationMs, error: verdict.error });
    else logEvent(logger, "run.handed_back", { ...fields, reason: "the worker is stopping" });
  }
}

function faultsOf(verdict: Verdict): readonly PolicyFault[] {
  return ("faults" in verdict ? verdict.faults : undefined) ?? [];
}
