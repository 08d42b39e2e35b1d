import type { Msg } from "@nats-io/transport-node";
import { lastToken, type Priority } from "@umbel/protocol";
import { replyNumber } from "./ack-reply.ts";
import { headerText, headerValue } from "./header-text.ts";
import type { Outgoing } from "./outgoing.ts";

/** Where a delivery was pulled from. */
export interface PullSource {
  readonly consumer: string;
  readonly queue: string;
  readonly priority: Priority;
  /** The lane of its queue; absent for the consumer of a priority. Lanes rank with the priority "normal". */
  readonly lane?: number;
  /** Sources with the same name here are pulled for the same slots. */
  readonly pool?: string;
}

const textEncoder = new TextEncoder();
const ACK = textEncoder.encode("+ACK");
const NAK = textEncoder.encode("-NAK");
const WORKING = textEncoder.encode("+WPI");
const NANOS_PER_MS = 1_000_000;

/**
 * One hand-over of a run by the broker. Exactly one file of the worker decides what happens to it.
 *
 * The broker does not fence: an ack or heartbeat of a delivery that has been given to someone else since
 * still counts. Whoever acks must own the run.
 */
export class Delivery {
  readonly source: PullSource;
  readonly runId: string;
  readonly receivedAt: number;
  /** When the broker last heard that the run is with us, by `performance.now()`. */
  heardAt: number;
  readonly #message: Msg;
  readonly #outgoing: Outgoing;
  #headerText: string | undefined;
  #count = 0;

  constructor(message: Msg, source: PullSource, outgoing: Outgoing) {
    this.source = source;
    // Once: a name cut out anew must be hashed anew by each map that it is looked up in.
    this.runId = lastToken(message.subject);
    this.receivedAt = performance.now();
    this.heardAt = this.receivedAt;
    this.#message = message;
    this.#outgoing = outgoing;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get body(): Uint8Array {
    return this.#message.data;
  }

  /** How often the broker has handed this message over, this time included. Hand-backs raise it too. */
  get count(): number {
    if (this.#count === 0) this.#count = replyNumber(this.#message.reply, "count");
    return this.#count;
  }

  /** The message's place in the tasks stream. */
  get sequence(): number {
    return replyNumber(this.#message.reply, "sequence");
  }

  /** How many more messages waited in the same consumer when this one was sent. */
  get waitingBehind(): number {
    return replyNumber(this.#message.reply, "waitingBehind");
  }

  /** When the broker stored the message, in milliseconds since the epoch by the server's clock. */
  get storedAt(): number {
    return replyNumber(this.#message.reply, "storedAtNanos") / NANOS_PER_MS;
  }

  /** The first value of a header of ours, which holds ASCII only. */
  header(name: string): string | undefined {
    this.#headerText ??= headerText(this.#message);
    return headerValue(this.#headerText, name);
  }

  /** Every header with its last value. */
  headers(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [name, values] of this.#message.headers ?? []) found[name] = values.at(-1) ?? "";
    return found;
  }

  /** The run is over: remove its message. */
  ack(): void {
    this.#reply(ACK);
  }

  /** Give the message back, to be delivered again at once or after `delayMs`. */
  handBack(delayMs = 0): void {
    // A delay that is not whole nanoseconds is not understood, and delivered at once.
    const nanos = Math.round(delayMs) * NANOS_PER_MS;
    this.#reply(nanos > 0 ? textEncoder.encode(`-NAK {"delay":${nanos}}`) : NAK);
  }

  /** The run is still being executed: start its ack-wait anew. */
  heartbeat(): void {
    this.heardAt = performance.now();
    this.#reply(WORKING);
  }

  #reply(body: Uint8Array): void {
    const subject = this.#message.reply;
    // Once the connection is closed nobody hears it: the ack-wait brings the message back.
    if (subject !== undefined && !this.#outgoing.closed) this.#outgoing.send({ subject, body });
  }
}
