import { encodeHeaders, EXPECT_SEQUENCE, type BrokerConnection, type Publisher } from "@umbel/broker";
import { fitLetter } from "./fit-letter.ts";
import { deadLetterSubject, UmbelError, type OutcomeRecord } from "@umbel/protocol";
import type { RunDelivery } from "../execute/run.ts";

const CREATE = encodeHeaders([[EXPECT_SEQUENCE, "0"]]);
const HEADER_ALLOWANCE_BYTES = 1_024;

/** Publishes dead letters: one for each run, however often it is tried. */
export class DeadLetters {
  readonly #connection: BrokerConnection;
  readonly #publisher: Publisher;

  constructor(connection: BrokerConnection, publisher: Publisher) {
    this.#connection = connection;
    this.#publisher = publisher;
  }

  /**
   * Keep the message of `delivery`, whose run has failed with `outcome`, unless it is kept already.
   *
   * @throws UmbelError when it is not stored.
   */
  async keep(runId: string, delivery: RunDelivery, outcome: OutcomeRecord): Promise<void> {
    const { deadLetter: reason, task, queue, at, attempt, starts, errors } = outcome;
    if (reason === undefined) return;
    const { subject, body } = delivery;
    const letter = {
      reason,
      at,
      attempts: attempt,
      starts,
      errors,
      subject,
      headers: delivery.headers(),
      body,
    };
    try {
      await this.#publisher.publish({
        subject: deadLetterSubject(this.#connection.mesh, queue, { task: task === "" ? "-" : task, runId }),
        body: fitLetter(letter, this.#connection.maxPayloadBytes - HEADER_ALLOWANCE_BYTES),
        headers: CREATE,
      });
    } catch (error) {
      // Whoever was here before, perhaps this very worker, has published it.
      if (!UmbelError.is(error, "conflict")) throw error;
    }
  }
}
