import { randomBytes } from "node:crypto";
import type { NatsConnection } from "@nats-io/transport-node";
import { createRunIdSource } from "@umbel/protocol";
import { noopInput } from "../work/tasks.ts";
import { encoder } from "./codec.ts";
import { connectRaw, MESH } from "./connection.ts";
import { LeanPublisher } from "./lean-publisher.ts";
import { runHeaders, subjectPrefix } from "./run-message.ts";

/** Enqueues runs with as little as that takes: a fresh id each, one publish, everything else encoded once. */
export class LeanProducer {
  readonly nats: NatsConnection;
  readonly #publisher: LeanPublisher;
  readonly #ids = createRunIdSource(Date.now, randomBytes(16));
  readonly #prefix = subjectPrefix(MESH);
  readonly #headers = runHeaders(this.#ids.origin, Date.now());
  readonly #body = encoder.encode(noopInput(0));

  private constructor(nats: NatsConnection) {
    this.nats = nats;
    this.#publisher = new LeanPublisher(nats);
  }

  static async connect(url: string): Promise<LeanProducer> {
    return new LeanProducer(await connectRaw(url));
  }

  /** The part of its run ids that is its own. */
  get origin(): string {
    return this.#ids.origin;
  }

  /** Publish a run, and say its id. */
  publish(onStored: () => void, body: Uint8Array = this.#body): string {
    const runId = this.#ids.next();
    this.#publisher.publish({ subject: this.#prefix + runId, body, headers: this.#headers }, onStored);
    return runId;
  }
}
