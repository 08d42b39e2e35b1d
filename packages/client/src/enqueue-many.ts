import type { Publisher } from "@umbel/broker";
import { UmbelError } from "@umbel/protocol";
import { firstHeaders, planSubject, repeatHeaders, type RunPlan } from "./run-plan.ts";

/** One run of a bulk: its plan, and its encoded input. */
export interface BulkItem {
  readonly plan: RunPlan;
  readonly body: Uint8Array;
}

/** How many messages are on their way at once: enough to hide the round trip, few enough to stay small. */
const WINDOW = 2_048;

/**
 * Publish `count` runs as fast as the broker takes them, each made only when its turn comes.
 *
 * @throws UmbelError of the first refusal. `details` then say which runs are stored (`stored`, their ids) and
 * how many are not; the rest was not sent.
 */
export async function publishMany(
  count: number,
  item: (index: number) => BulkItem,
  publisher: Publisher,
): Promise<(number | undefined)[]> {
  if (count === 0) return [];
  const bulk = new Bulk(count, item, publisher);
  bulk.start();
  await bulk.finished;
  return bulk.sequences;
}

class Bulk {
  readonly sequences: (number | undefined)[];
  readonly #count: number;
  readonly #item: (index: number) => BulkItem;
  readonly #publisher: Publisher;
  readonly #done = Promise.withResolvers<void>();
  readonly #stored: string[] = [];
  #next = 0;
  #open = 0;
  #failure: UmbelError | undefined;

  constructor(count: number, item: (index: number) => BulkItem, publisher: Publisher) {
    this.#count = count;
    this.#item = item;
    this.#publisher = publisher;
    this.sequences = Array.from({ length: count });
  }

  get finished(): Promise<void> {
    return this.#done.promise;
  }

  start(): void {
    while (this.#open < WINDOW && this.#next < this.#count && this.#failure === undefined)
      this.#submit(this.#next++);
  }

  #submit(index: number): void {
    const { plan, body } = this.#item(index);
    this.#open += 1;
    this.#publisher.submit({
      subject: planSubject(plan),
      body,
      headers: firstHeaders(plan),
      repeatHeaders: () => repeatHeaders(plan),
      onStored: (sequence) => this.#onStored(index, plan.runId, sequence),
      onRefused: (error, repeated) => {
        // A fresh id that is taken after a repeat was taken by our own first try.
        if (repeated && error.code === "conflict") this.#onStored(index, plan.runId, undefined);
        else this.#onRefused(error);
      },
    });
  }

  #onStored(index: number, runId: string, sequence: number | undefined): void {
    this.sequences[index] = sequence;
    this.#stored.push(runId);
    this.#settleOne();
  }

  #onRefused(error: UmbelError): void {
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
    const message = `${stored} of ${this.#count} runs are enqueued, then: ${cause.message}`;
    return new UmbelError(cause.code, message, {
      cause,
      details: { ...cause.details, stored: this.#stored, notStored: this.#count - stored },
    });
  }
}
