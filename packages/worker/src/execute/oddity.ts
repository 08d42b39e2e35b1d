import { parseRunHeader, serializeError, UmbelError, type RunMeta } from "@umbel/protocol";
import { logEvent } from "@umbel/telemetry";
import type { RunRecords } from "@umbel/broker";
import type { SlotUser } from "../consume/slot-pool.ts";
import { admit } from "./admission.ts";
import type { ExecutionDeps } from "./execution-deps.ts";
import { endWithoutStart } from "./end-without-start.ts";
import type { Ownership, Run, Unreadable } from "./run.ts";
import { shortenToLimits } from "./limits.ts";
import { unknownTaskStep } from "./unknown-task.ts";

/** What an {@link Oddity} needs besides what an execution does. */
export interface OddityDeps extends ExecutionDeps {
  readonly records: RunRecords;
  readonly unknownTaskGraceMs: number;
  /** The name of a known task that `name` may be meant for. */
  readonly nearest: (name: string) => string | undefined;
}

/** A delivery that cannot be executed here: no handler knows its task, or it is no run at all. */
export class Oddity implements SlotUser {
  readonly #opened: Run | Unreadable;
  readonly #deps: OddityDeps;

  constructor(opened: Run | Unreadable, deps: OddityDeps) {
    this.#opened = opened;
    this.#deps = deps;
  }

  begin(): void {
    void this.#perform();
  }

  giveUp(): void {
    this.#deps.settlement.handBack(this.#opened.delivery);
  }

  // Never rejects.
  async #perform(): Promise<void> {
    const opened = this.#opened;
    try {
      await ("error" in opened ? this.#bury(opened) : this.#park(opened));
    } catch (error) {
      this.#deps.logger.error(
        { runId: opened.runId, queue: opened.queue, err: error },
        "a run could not be settled",
      );
    } finally {
      this.#deps.release("loop", 0);
    }
  }

  async #bury(unreadable: Unreadable): Promise<void> {
    const { runId, queue, task, error, delivery } = unreadable;
    logEvent(this.#deps.logger, "run.undecodable", { runId, queue, task, subject: delivery.subject, error });
    const run: Run = { runId, queue, meta: strangerMeta(task), handler: undefined, trace: {}, delivery };
    await this.#fail(run, { deadLetter: "undecodable", error });
  }

  async #park(run: Run): Promise<void> {
    const { records, claim, settlement, unknownTaskGraceMs } = this.#deps;
    const stored = await records.read(run.runId);
    const step = unknownTaskStep(stored, { now: claim.now(), graceMs: unknownTaskGraceMs });
    const { runId, queue, meta, delivery } = run;
    if (step.action === "give-up")
      return this.#fail(run, { deadLetter: "unknown-task", error: this.#unknown(meta.task) });
    const admission = admit(meta, stored, { now: claim.now(), crashLoopLimit: claim.crashLoopLimit });
    if (admission.action === "claim") {
      const { since } = step;
      const delayMs = shortenToLimits(step.delayMs, meta, claim.now());
      logEvent(this.#deps.logger, "run.unknown_task", {
        runId,
        queue,
        task: meta.task,
        delivery: delivery.count,
        delayMs,
      });
      // Its attempts are what is over: this hand-back is none.
      const ownership: Ownership = {
        ...admission.claim,
        attempt: admission.claim.attempt - 1,
        starts: admission.claim.starts - 1,
      };
      await settlement.park(run, ownership, { since, delayMs });
      return undefined;
    }
    return admission.action === "start" ? undefined : endWithoutStart(run, admission, this.#deps);
  }

  async #fail(
    run: Run,
    { deadLetter, error }: { deadLetter: "undecodable" | "unknown-task"; error: UmbelError },
  ): Promise<void> {
    const { records, claim, settlement } = this.#deps;
    const stored = await records.read(run.runId);
    const admission = admit(run.meta, stored, { now: claim.now(), crashLoopLimit: Number.MAX_SAFE_INTEGER });
    if (admission.action === "start") return;
    if (admission.action !== "claim") return endWithoutStart(run, admission, this.#deps);
    const { attempt, starts, ...rest } = admission.claim;
    const ownership: Ownership = { ...rest, attempt: attempt - 1, starts: starts - 1 };
    await settlement.end(run, ownership, { state: "failed", deadLetter, error: serializeError(error) });
  }

  #unknown(task: string): UmbelError {
    const nearest = this.#deps.nearest(task);
    const hint = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
    const waited = this.#deps.unknownTaskGraceMs;
    return new UmbelError("unknown_task", `no worker knew the task "${task}" within ${waited} ms.${hint}`, {
      details: { task, nearest },
    });
  }
}

// A message without a readable header has no meta data of its own.
function strangerMeta(task: string): RunMeta {
  return { ...parseRunHeader("1;-;0;-"), task };
}
