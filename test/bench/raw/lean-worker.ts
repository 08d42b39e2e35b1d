import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { lastToken, recordSubject, RUN_HEADER } from "@umbel/protocol";
import { decoder, encoder } from "./codec.ts";
import { EncodedHeaders } from "./encoded-headers.ts";
import { LeanPublisher } from "./lean-publisher.ts";
import { outcomeBody } from "./outcome.ts";
import { CREATE_ONLY, enqueuedAtOf } from "./run-message.ts";

/** What a {@link LeanWorker} is. */
export interface LeanWorkerOptions {
  readonly mesh: string;
  /** Handlers that may execute at a time. */
  readonly slots: number;
  readonly handler: (input: unknown) => Promise<unknown>;
}

const ACK = Buffer.from("+ACK");
const OUTCOME_HEADERS = new EncodedHeaders({ ...CREATE_ONLY, "Nats-TTL": "86400s" });

/**
 * Executes runs with as little as that takes: decode, call the handler, store the outcome unless there is one,
 * and once it is stored, ack. The next handler begins while an outcome is on its way. Whatever goes wrong ends
 * the process.
 */
export class LeanWorker {
  readonly #nats: NatsConnection;
  readonly #publisher: LeanPublisher;
  readonly #options: LeanWorkerOptions;
  readonly #waiting: Msg[] = [];
  #active = 0;

  constructor(nats: NatsConnection, options: LeanWorkerOptions) {
    this.#nats = nats;
    this.#publisher = new LeanPublisher(nats);
    this.#options = options;
  }

  take(message: Msg): void {
    if (this.#active < this.#options.slots) void this.#execute(message);
    else this.#waiting.push(message);
  }

  async #execute(message: Msg): Promise<void> {
    this.#active += 1;
    const enqueuedAt = enqueuedAtOf(message.headers?.get(RUN_HEADER) ?? "");
    const startedAt = Date.now();
    const result = encoder.encode(await this.#options.handler(decoder.decode(message.data)));
    const outcome = {
      subject: recordSubject(this.#options.mesh, lastToken(message.subject)),
      body: outcomeBody({ enqueuedAt, startedAt, finishedAt: Date.now(), result }),
      headers: OUTCOME_HEADERS,
    };
    this.#publisher.publish(outcome, () => this.#nats.publish(message.reply ?? "", ACK));
    this.#active -= 1;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#execute(next);
  }
}
