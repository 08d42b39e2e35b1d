import {
  findRunMessage,
  publishBatch,
  type BrokerConnection,
  type EncodedHeaders,
  type Publication,
  type Publisher,
  type RunRecords,
} from "@umbel/broker";
import type { UmbelError } from "@umbel/protocol";
import { settleRepeated, settleTakenId, type OutgoingRun, type Published } from "./taken-id.ts";

/** What publishing needs. */
export interface PublishDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly records: Pick<RunRecords, "read">;
}

/**
 * Publish `run`: once, however often it takes.
 *
 * @throws UmbelError why it is not stored; `unconfirmed` when nobody knows.
 */
export function publishRun(run: OutgoingRun, deps: PublishDeps): Promise<Published> {
  const publication = new RunPublication(run, deps);
  deps.publisher.submit(publication);
  return publication.answer.promise;
}

/** A run whose storing is awaited: one object, no closure. */
class RunPublication implements Publication {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: EncodedHeaders;
  readonly answer: PromiseWithResolvers<Published> = Promise.withResolvers();
  readonly #run: OutgoingRun;
  readonly #deps: PublishDeps;

  constructor(run: OutgoingRun, deps: PublishDeps) {
    this.subject = run.plan.subject(run.runId);
    this.body = run.body;
    this.headers = run.plan.firstHeaders(run.runId);
    this.#run = run;
    this.#deps = deps;
  }

  repeatHeaders(): EncodedHeaders {
    return this.#run.plan.repeatHeaders(this.#run.runId);
  }

  onStored(sequence: number, repeated: boolean): void {
    this.answer.resolve(
      repeated
        ? settleRepeated(this.#run, sequence, { read: () => this.#deps.records.read(this.#run.runId) })
        : { sequence, existed: false },
    );
  }

  onRefused(error: UmbelError, repeated: boolean): void {
    if (error.code === "conflict") this.answer.resolve(afterConflict(this.#run, repeated, this.#deps));
    else this.answer.reject(error);
  }
}

function afterConflict(run: OutgoingRun, repeated: boolean, deps: PublishDeps): Promise<Published> {
  return settleTakenId(run, repeated, {
    find: () => findRunMessage(deps.connection, run.runId),
    read: () => deps.records.read(run.runId),
    publishAgain: () =>
      deps.publisher.publish({
        subject: run.plan.subject(run.runId),
        body: run.body,
        headers: run.plan.repeatHeaders(run.runId),
      }),
  });
}

/** Publish all of `runs`, or none. @throws UmbelError */
export async function publishRunBatch(
  runs: readonly OutgoingRun[],
  connection: BrokerConnection,
): Promise<void> {
  const messages = runs.map(({ plan, runId, body }) => ({
    subject: plan.subject(runId),
    body,
    headers: plan.batchHeaders(runId),
  }));
  await publishBatch(connection, messages);
}
