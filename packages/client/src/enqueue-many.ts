import type { EncodedHeaders, Publication, Publisher } from "@umbel/broker";
import { UmbelError } from "@umbel/protocol";
import type { RunPlan } from "./run-plan.ts";

/** Runs that differ only in their ids and inputs, and perhaps in their keys. */
export interface BulkRuns {
  readonly plan: RunPlan;
  /** The plan of each run, if they have keys of their own. */
  readonly plans?: readonly RunPlan[] | undefined;
  readonly runIds: readonly string[];
  readonly bodies: readonly Uint8Array[];
}

/** What a bulk needs of a publisher. */
export type BulkPublisher = Pick<Publisher, "submit">;

/** How many messages are on their way at once: enough to hide the round trip, few enough to stay small. */
const WINDOW = 2_048;

/**
 * Publish `runs` as fast as the broker takes them. Resolves to their places in the tasks stream.
 *
 * @throws UmbelError of the first refusal. `details` then say which runs are stored (`stored`, their ids) and
 * how many are not; the rest was not sent.
 */
export async function publishMany(
  runs: BulkRuns,
  publisher: BulkPublisher,
): Promise<readonly (number | undefined)[]> {
  if (runs.runIds.length === 0) return [];
  const bulk = new Bulk(runs, publisher);
  bulk.start();
  await bulk.finished;
  return bulk.sequences;
}

class Bulk {
  readonly sequences: (number | undefined)[];
  readonly runs: BulkRuns;
  readonly #publisher: BulkPublisher;
  readonly #done = Promise.withResolvers<void>();
  readonly #stored: string[] = [];
  #next = 0;
  #open = 0;
  #failure: UmbelError | undefined;

  constructor(runs: BulkRuns, publisher: BulkPublisher) {
    this.runs = runs;
    this.#publisher = publisher;
    this.sequences = Array.from({ length: runs.runIds.length });
  }

  get finished(): Promise<void> {
    return this.#done.promise;
  }

  start(): void {
    while (this.#open < WINDOW && this.#next < this.sequences.length && this.#failure === undefined) {
      this.#open += 1;
      this.#publisher.submit(new BulkPublication(this, this.#next++));
    }
  }

  planOf(index: number): RunPlan {
    return this.runs.plans?.[index] ?? this.runs.plan;
  }

  onStored(index: number, sequence: number | undefined): void {
    this.sequences[index] = sequence;
    this.#stored.push(this.runs.runIds[index] ?? "");
    this.#settleOne();
  }

  onRefused(error: UmbelError): void {
    this.#failure ??= error;
    this.#settleOne();
  }

  #settleOne(): void {
    this.#open -= 1;
    this.start();
    if (this.#open > 0) return;
    if (this.#failure === undefined) this.#done.resolve();
    else this.#done.reject(this.#partial(this.#failure));
  }

  #partial(cause: UmbelError): UmbelError {
    const stored = this.#stored.length;
    const count = this.sequences.length;
    const message = `${stored} of ${count} runs are enqueued, then: ${cause.message}`;
    return new UmbelError(cause.code, message, {
      cause,
      details: { ...cause.details, stored: this.#stored, notStored: count - stored },
    });
  }
}

/** One run of a bulk: one object, no closure. */
class BulkPublication implements Publication {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: EncodedHeaders;
  readonly #bulk: Bulk;
  readonly #index: number;

  constructor(bulk: Bulk, index: number) {
    const { runIds, bodies } = bulk.runs;
    const plan = bulk.planOf(index);
    const runId = runIds[index] ?? "";
    this.subject = plan.subject(runId);
    this.body = bodies[index] ?? NOTHING;
    this.headers = plan.firstHeaders(runId);
    this.#bulk = bulk;
    this.#index = index;
  }

  repeatHeaders(): EncodedHeaders {
    const { runIds } = this.#bulk.runs;
    return this.#bulk.planOf(this.#index).repeatHeaders(runIds[this.#index] ?? "");
  }

  onStored(sequence: number): void {
    this.#bulk.onStored(this.#index, sequence);
  }

  onRefused(error: UmbelError, repeated: boolean): void {
    // A fresh id that is taken after a repeat was taken by our own first try.
    if (repeated && error.code === "conflict") this.#bulk.onStored(this.#index, undefined);
    else this.#bulk.onRefused(error);
  }
}

const NOTHING = new Uint8Array();
