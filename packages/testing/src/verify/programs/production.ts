import type { EnqueueOptions, Mesh, RunHandle } from "@umbel/client";
import { errorCodeOf, serializeError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import type { Journal } from "../history/journal.ts";
import { isInTurn, isKeyed, type Operation } from "../plan/plan-operations.ts";
import { compute, FIRINGS, latest, single, step, work, type Work } from "./tasks.ts";

const BULK = 5;
const TRIES = 60;
const AGAIN_MS = 1_000;
/** The letter may not be there yet; or an answer was lost, and it is gone. */
const REDRIVE_TRIES = 15;
const DEATH_MS = 60_000;

/** What a producer has begun. */
export class Production {
  readonly #mesh: Mesh;
  readonly #journal: Journal;
  readonly #open = new Set<Promise<void>>();
  /** The last enqueue of each key. */
  readonly #lastOfKey = new Map<string, Promise<void>>();

  constructor(mesh: Mesh, journal: Journal) {
    this.#mesh = mesh;
    this.#journal = journal;
  }

  /** Do `operation`, while others go on. */
  begin(operation: Operation): void {
    const done = isInTurn(operation) ? this.#inTurn(operation) : this.#perform(operation);
    this.#open.add(done);
    void done.finally(() => this.#open.delete(done));
  }

  /** Resolves when all that was begun is done. */
  async done(): Promise<void> {
    await Promise.all(this.#open);
  }

  #inTurn(operation: Operation): Promise<void> {
    const before = this.#lastOfKey.get(operation.key) ?? Promise.resolve();
    const done = before.then(() => this.#perform(operation));
    this.#lastOfKey.set(operation.key, done);
    return done;
  }

  // Never rejects: what goes wrong is written down.
  async #perform(operation: Operation): Promise<void> {
    const { n, kind, cancelAfterMs } = operation;
    if (kind === "scheduled") return this.#schedule(operation);
    const acked = await this.#enqueue(operation);
    if (acked === undefined) return;
    if (kind === "chosen") await this.#enqueue(operation);
    if (kind === "redriven") await this.#redrive(operation, acked);
    if (kind !== "cancelled") return;
    await sleep(cancelAfterMs);
    await this.#cancel(n, acked);
  }

  async #enqueue(operation: Operation): Promise<RunHandle<number> | undefined> {
    const { n } = operation;
    this.#journal.note({ what: "asked", n });
    try {
      const runs = await this.#send(operation);
      for (const { id, receipt } of runs) {
        this.#journal.note({ what: "acked", n, runId: id, existed: receipt?.existed === true });
      }
      return runs[0];
    } catch (error) {
      this.#journal.note({ what: "refused", n, code: codeOf(error) });
      return undefined;
    }
  }

  async #send(operation: Operation): Promise<readonly RunHandle<number>[]> {
    const input = inputOf(operation);
    if (operation.kind === "bulk")
      return this.#mesh.enqueueMany(
        work,
        Array.from({ length: BULK }, () => input),
      );
    return [await this.#mesh.enqueue(taskOf(operation), input, optionsOf(operation))];
  }

  async #cancel(n: number, run: RunHandle<number>): Promise<void> {
    this.#journal.note({ what: "cancelling", n, runId: run.id });
    await tryAgain(TRIES, async () => {
      const result = await run.cancel({ by: "verify" });
      const state = result.cancelled ? "cancelled" : result.state;
      this.#journal.note({ what: "cancelled", n, runId: run.id, cancelled: result.cancelled, state });
    });
  }

  async #redrive(operation: Operation, run: RunHandle<number>): Promise<void> {
    const { n } = operation;
    const dead = await run.outcome({ timeout: DEATH_MS }).catch(() => undefined);
    if (dead?.state !== "failed") return;
    this.#journal.note({ what: "redriving", n, redriveOf: run.id });
    const input = { ...inputOf(operation), failures: 0 };
    await tryAgain(REDRIVE_TRIES, async () => {
      const again = await this.#mesh.deadLetters.redrive(run.id, { input });
      this.#journal.note({ what: "redriven", n, redriveOf: run.id, runId: again.id });
    });
  }

  async #schedule(operation: Operation): Promise<void> {
    const { n } = operation;
    const scheduleId = `verify-${n}`;
    const { everyMs, times } = FIRINGS;
    this.#journal.note({ what: "asked", n });
    try {
      const rule = { every: everyMs, maxRuns: times, catchUp: "all" } as const;
      await this.#mesh.schedules.put(scheduleId, { ...rule, task: work, input: inputOf(operation) });
      this.#journal.note({ what: "scheduled", n, scheduleId });
    } catch (error) {
      this.#journal.note({ what: "refused", n, code: codeOf(error) });
    }
  }
}

// What failed may or may not have been heard: ask again, until there is an answer.
async function tryAgain(times: number, attempt: () => Promise<void>): Promise<void> {
  for (let tries = 1; tries <= times; tries++) {
    try {
      return await attempt();
    } catch {
      await sleep(AGAIN_MS);
    }
  }
}

function inputOf({ n, workMs, failures, children, key }: Operation): Work {
  return { n, workMs, failures, children, key };
}

function taskOf({ kind }: Operation): typeof work {
  if (kind === "thread") return compute;
  if (kind === "keyed" || kind === "keyed-retrying") return step;
  if (kind === "debounced") return latest;
  return kind === "unique" ? single : work;
}

function optionsOf(operation: Operation): EnqueueOptions {
  const { n, kind, priority, delayMs } = operation;
  return {
    ...(isKeyed(operation) ? {} : { priority }),
    ...(delayMs > 0 ? { delay: delayMs } : {}),
    ...(kind === "expiring" ? { expires: EXPIRES_MS } : {}),
    ...(kind === "chosen" ? { runId: `verify-${n}` } : {}),
  };
}

/** How long after it is due an expiring run may start. */
const EXPIRES_MS = 2_000;

function codeOf(error: unknown): string {
  return errorCodeOf(serializeError(error)) ?? String(error);
}
