import {
  RunLocks,
  type BrokerConnection,
  type Publisher,
  type RunRecords,
  type StoredRecord,
  type WriteOptions,
  type WriteResult,
} from "@umbel/broker";
import type { Mesh } from "@umbel/client";
import {
  isOutcome,
  UmbelError,
  type OutcomeRecord,
  type RunRecord,
  type WaitingRecord,
} from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";
import type { WorkerEvents } from "../events/worker-events.ts";
import type { Ownership, Run, RunDelivery } from "../execute/run.ts";
import { NOT_PARKED } from "../execute/unknown-task.ts";
import { outcomeTtlMs } from "../execute/run-policy.ts";
import { DeadLetters } from "./dead-letters.ts";
import { FailureReports } from "./failure-reports.ts";
import { lateEnding } from "./late-ending.ts";
import { errorsOf, outcomeOf, recordBase, type Ending, type RecordFacts } from "./outcome.ts";
import { lockOf } from "./lock-of.ts";
import { handBackMs, scheduleRetry } from "./retry-schedule.ts";
import { storedAtLast, storeRecord } from "./store.ts";
import type { SerializedError } from "@umbel/protocol";

/** What a {@link Settlement} needs. */
export interface SettlementDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: RunRecords;
  readonly mesh: Pick<Mesh, "enqueueBody">;
  readonly ackWaitMs: number;
  readonly logger: Logger;
  readonly workerId: string;
  readonly closed: AbortSignal;
  readonly now: () => number;
  /** Whether the broker, which last heard of a delivery at `heardAt` (`performance.now()`), has given it to others. */
  readonly isStale: (heardAt: number) => boolean;
  readonly events: WorkerEvents;
}

/** How a settlement ended: as wanted, or the run was someone else's. */
export type Settled = "settled" | "refused";

/** Who hears how a settlement ended: by one of the two, once, never within the call that began it. */
export interface SettlementListener {
  onSettled(settled: Settled): void;
  /** Nobody knows what became of it: the delivery is left alone. */
  onUnsettled(error: unknown): void;
}

/** How a run has succeeded, and who hears when that is stored. */
export interface Success extends Ending {
  readonly state: "succeeded";
  readonly listener: SettlementListener;
}

/**
 * The one place that decides what becomes of a delivery. Nothing is acked, handed back or followed up unless
 * the record of the run says that it is ours: the outcome first, then what follows from it, then the ack.
 */
export class Settlement {
  readonly #deps: SettlementDeps;
  readonly #deadLetters: DeadLetters;
  readonly #failureReports: FailureReports;
  readonly #locks: RunLocks;

  constructor(deps: SettlementDeps) {
    this.#deps = deps;
    const { connection, publisher, mesh, logger } = deps;
    this.#deadLetters = new DeadLetters(connection, publisher);
    const maxPayloadBytes = (): number => connection.maxPayloadBytes;
    this.#failureReports = new FailureReports({ mesh, logger, maxPayloadBytes });
    this.#locks = new RunLocks(connection, publisher);
  }

  /** End the run: write its outcome, complete what follows from it, remove its message. */
  async end(run: Run, ownership: Ownership, ending: Ending): Promise<Settled> {
    const outcome = this.#outcome(run, ownership, ending);
    const written = await this.#write(run, outcome, this.#outcomeOptions(run, ownership, outcome));
    return this.#ended(run, ownership, { outcome, written });
  }

  /**
   * End a run that has succeeded, as {@link end} does. Nearly all runs end here, and the promises of {@link end} would be
   * garbage for each of them.
   */
  succeed(run: Run, ownership: Ownership, success: Success): void {
    const { listener } = success;
    const outcome = this.#outcome(run, ownership, success);
    const options = this.#outcomeOptions(run, ownership, outcome);
    this.#deps.records.submit(run.runId, outcome, {
      options,
      onWon: () => {
        this.#closeEnded(run, ownership, outcome);
        listener.onSettled("settled");
      },
      onDoubt: (result) => {
        storedAtLast(result, { runId: run.runId, record: outcome, options, deps: this.#deps })
          .then((written) => this.#ended(run, ownership, { outcome, written }))
          .then(
            (settled) => listener.onSettled(settled),
            (error: unknown) => listener.onUnsettled(error),
          );
      },
    });
  }

  /**
   * The run has ended: make sure that its dead letter is kept and the task for its failure is enqueued, then remove
   * its message. Whoever finds an outcome does this, for its writer may have died at any point of it.
   */
  async finish(runId: string, delivery: RunDelivery, outcome: OutcomeRecord): Promise<void> {
    if (outcome.deadLetter !== undefined) {
      await this.#deadLetters.keep(runId, delivery, outcome);
      this.#deps.events.deadLettered(runId, delivery, outcome);
      const { task, queue, attempt, deadLetter: reason } = outcome;
      logEvent(this.#deps.logger, "run.dead_lettered", {
        runId,
        task,
        queue,
        attempt,
        reason,
        error: outcome.errors.at(-1)?.error,
      });
    }
    await this.#failureReports.enqueue(runId, delivery, outcome);
    this.#close(runId, delivery, lockOf(delivery));
  }

  /** The run has ended so long ago that its outcome is gone: remove its message. */
  forget(delivery: RunDelivery): void {
    delivery.ack();
  }

  /** The attempt failed and another one is due after `delayMs`. */
  async retry(
    run: Run,
    ownership: Ownership,
    failure: { error: SerializedError; delayMs: number },
  ): Promise<Settled> {
    const facts = this.#facts();
    const dueAt = facts.now + failure.delayMs;
    const late = lateEnding(run.meta, dueAt, failure.error);
    if (late !== undefined) return this.end(run, ownership, late);
    const errors = errorsOf(ownership, failure.error, facts.now);
    const record: RunRecord = { ...recordBase(run, ownership, facts), errors, state: "retrying", dueAt };
    const written = await this.#write(run, record, { expected: ownership.expected, ttl: "never" });
    if (!written.won) return this.#refused(run, written.current);
    this.#deps.events.retrying(run, ownership, failure);
    return this.waitUntilDue(run, { attempt: ownership.attempt + 1, dueAt, delayMs: failure.delayMs });
  }

  /** The record says when the next attempt is due: give the run back until then. */
  async waitUntilDue(
    run: Run,
    next: { readonly attempt: number; readonly dueAt: number; readonly delayMs: number },
  ): Promise<Settled> {
    const backMs = handBackMs(run, next.delayMs);
    if (backMs !== undefined) {
      this.#handBack(run.delivery, backMs);
      return "settled";
    }
    try {
      await scheduleRetry(run, next, this.#deps);
    } catch (error) {
      // The message is gone, by a cancel or another worker's ack: whoever removed it has settled the run.
      if (UmbelError.is(error, "conflict")) return "refused";
      throw error;
    }
    run.delivery.ack();
    return "settled";
  }

  /**
   * The handler was begun and did not end here: its attempt is not counted, and another worker may have the
   * run at once. A claim is taken back first, or the next start would look like one after a crash.
   */
  async interrupt(run: Run, ownership: Ownership): Promise<Settled> {
    if (ownership.expected > 0) {
      const record = this.#waiting(run, { ...ownership, attempt: ownership.attempt - 1 }, NOT_PARKED);
      const written = await this.#write(run, record, { expected: ownership.expected, ttl: "never" });
      if (!written.won) return this.#refused(run, written.current);
    }
    this.#handBack(run.delivery, 0);
    this.#deps.events.handedBack(run, ownership);
    return "settled";
  }

  /** No handler of this worker knows the task: remember since when, and let others try. */
  async park(
    run: Run,
    ownership: Ownership,
    waiting: { readonly since: number; readonly delayMs: number },
  ): Promise<Settled> {
    const record = this.#waiting(run, ownership, waiting.since);
    const written = await this.#write(run, record, { expected: ownership.expected, ttl: "never" });
    if (!written.won) return this.#refused(run, written.current);
    this.#handBack(run.delivery, waiting.delayMs);
    return "settled";
  }

  /** It was never begun here: others may have it. */
  handBack(delivery: RunDelivery, delayMs = 0): void {
    this.#handBack(delivery, delayMs);
  }

  async #ended(
    run: Run,
    ownership: Ownership,
    { outcome, written }: { readonly outcome: OutcomeRecord; readonly written: WriteResult },
  ): Promise<Settled> {
    if (!written.won) return this.#refused(run, written.current);
    if (outcome.deadLetter === undefined && outcome.onFailure === undefined) {
      this.#closeEnded(run, ownership, outcome);
    } else {
      this.#deps.events.ended(run, ownership, outcome);
      await this.finish(run.runId, run.delivery, outcome);
    }
    return "settled";
  }

  #closeEnded(run: Run, ownership: Ownership, outcome: OutcomeRecord): void {
    this.#deps.events.ended(run, ownership, outcome);
    this.#close(run.runId, run.delivery, run.meta.lock);
  }

  #outcome(run: Run, ownership: Ownership, ending: Ending): OutcomeRecord {
    return outcomeOf(run, ownership, { workerId: this.#deps.workerId, now: this.#deps.now(), ending });
  }

  #outcomeOptions(run: Run, { expected }: Ownership, { state }: OutcomeRecord): WriteOptions {
    const ttl = outcomeTtlMs(run, state === "succeeded", this.#deps);
    return ttl === undefined ? { expected } : { expected, ttl };
  }

  // The lock is only tidiness: whoever meets it sees that its run is over.
  #close(runId: string, delivery: RunDelivery, lock: string | undefined): void {
    delivery.ack();
    if (lock !== undefined) this.#locks.release(lock, runId).catch(() => undefined);
  }

  #handBack(delivery: RunDelivery, delayMs: number): void {
    // The broker does not fence: it would take the run from the worker that has it now.
    if (!this.#deps.isStale(delivery.heardAt)) delivery.handBack(delayMs);
  }

  #waiting(run: Run, ownership: Ownership, since: number): WaitingRecord {
    return { ...recordBase(run, ownership, this.#facts()), state: "queued", since };
  }

  #write(
    run: Run,
    record: RunRecord,
    options: { expected: number; ttl?: number | "never" },
  ): Promise<WriteResult> {
    return storeRecord(run.runId, record, { options, deps: this.#deps });
  }

  // Someone else has written first. An outcome is final, and its follow-ups are everybody's duty; anything
  // else is a claim of another worker, whose delivery is not ours to touch.
  async #refused(run: Run, current: StoredRecord): Promise<Settled> {
    const { record } = current;
    if (record !== undefined && isOutcome(record)) await this.finish(run.runId, run.delivery, record);
    else if (current.tombstone) this.forget(run.delivery);
    return "refused";
  }

  #facts(): RecordFacts {
    return { workerId: this.#deps.workerId, now: this.#deps.now() };
  }
}
