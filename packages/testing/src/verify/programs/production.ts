import type { EnqueueOptions, Mesh, RunHandle } from "@umbel/client";
import { errorCodeOf, serializeError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import type { Journal } from "../history/journal.ts";
import { isKeyed, type Operation } from "../plan/plan-operations.ts";
import { compute, single, step, work, type Work } from "./tasks.ts";

const BULK = 5;
const CANCEL_TRIES = 60;
const CANCEL_AGAIN_MS = 1_000;

/** What a producer has begun. */
export class Production {
  readonly #mesh: Mesh;
  readonly #journal: Journal;
  readonly #open = new Set<Promise<void>>();
  /** The last enqueue of each key: what is enqueued at the same time has no order. */
  readonly #lastOfKey = new Map<string, Promise<void>>();

  constructor(mesh: Mesh, journal: Journal) {
    this.#mesh = mesh;
    this.#journal = journal;
  }

  /** Do `operation`, while others go on. */
  begin(operation: Operation): void {
    const done = isKeyed(operation) ? this.#inTurn(operation) : this.#perform(operation);
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
    const acked = await this.#enqueue(operation);
    if (acked === undefined) return;
    if (kind === "chosen") await this.#enqueue(operation);
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
    for (let tries = 1; tries <= CANCEL_TRIES; tries++) {
      try {
        const result = await run.cancel({ by: "verify" });
        const state = result.cancelled ? "cancelled" : result.state;
        this.#journal.note({ what: "cancelled", n, runId: run.id, cancelled: result.cancelled, state });
        return;
      } catch {
        // It may or may not have been heard: ask again, until there is an answer.
        await sleep(CANCEL_AGAIN_MS);
      }
    }
  }
}

function inputOf({ n, workMs, failures, children, key }: Operation): Work {
  return { n, workMs, failures, children, key };
}

function taskOf({ kind }: Operation): typeof work {
  if (kind === "thread") return compute;
  if (kind === "keyed" || kind === "keyed-retrying") return step;
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
