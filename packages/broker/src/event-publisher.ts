import {
  encodeEventBatch,
  eventSubject,
  UmbelError,
  type EventSource,
  type EventTuple,
} from "@umbel/protocol";
import { every, withDeadline } from "@umbel/runtime";
import type { BrokerConnection } from "./connection.ts";

const FLUSH_MS = 250;
/** One message holds at most so many events; with the longest texts that is well below the least max_payload. */
const MAX_BATCH_EVENTS = 256;
/** Of a bulk: ids are all that its events differ in. */
const MAX_BATCH_COUNT = 2_048;
/** While the broker is away so many batches are kept, then the oldest go. */
const MAX_KEPT_BATCHES = 64;
const CLOSE_MS = 1_000;

interface Batch {
  readonly tuples: EventTuple[];
  readonly first: number;
  count: number;
}

/**
 * Tells the events of one process: many in one message, without an answer, because nothing but onlookers depends
 * on them. What cannot be sent is kept for a while, then the oldest is dropped: readers see that by the numbers.
 */
export class EventPublisher implements AsyncDisposable {
  readonly source: EventSource;
  readonly #connection: BrokerConnection;
  readonly #subject: string;
  readonly #stop: readonly (() => void)[];
  readonly #kept: Batch[] = [];
  #open: Batch = { tuples: [], first: 0, count: 0 };
  #ended = false;

  constructor(connection: BrokerConnection, source: EventSource) {
    this.#connection = connection;
    this.source = source;
    this.#subject = eventSubject(connection.mesh, source);
    this.#stop = [every(FLUSH_MS, () => this.flush()), this.#watchRights()];
  }

  /** Tell `count` events, which `tuple` stands for, with the next flush. Never throws. */
  record(tuple: EventTuple, count = 1): void {
    if (this.#ended) return;
    const open = this.#open;
    open.tuples.push(tuple);
    open.count += count;
    if (open.tuples.length >= MAX_BATCH_EVENTS || open.count >= MAX_BATCH_COUNT) this.flush();
  }

  /** Whether `tuple`, the last one told, is not sent yet: then it may be changed to stand for one event more. */
  extend(tuple: EventTuple): boolean {
    const open = this.#open;
    if (open.tuples.at(-1) !== tuple || open.count >= MAX_BATCH_COUNT) return false;
    open.count += 1;
    return true;
  }

  /** Send what has gathered, or keep it while the broker is away. Never throws. */
  flush(): void {
    this.#closeBatch();
    if (!this.#connection.connected) return;
    for (const batch of this.#kept.splice(0)) this.#send(batch);
  }

  /** Send the rest. Nothing is told afterwards. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.flush();
    this.#end();
    if (!this.#connection.connected) return;
    // Without an answer nobody waits for what was sent: it must have left before the connection closes.
    await withDeadline(
      this.#connection.flush().catch(() => undefined),
      CLOSE_MS,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #closeBatch(): void {
    const { first, count } = this.#open;
    if (count === 0) return;
    this.#kept.push(this.#open);
    if (this.#kept.length > MAX_KEPT_BATCHES) this.#kept.shift();
    this.#open = { tuples: [], first: first + count, count: 0 };
  }

  #send({ tuples, first, count }: Batch): void {
    try {
      const body = encodeEventBatch(tuples, { source: this.source, first, count });
      this.#connection.broadcast(this.#subject, body);
    } catch (error) {
      this.#connection.logger.warn({ err: error, events: count }, "events could not be sent");
    }
  }

  // One refusal is told by the connection; without an end there would be four each second.
  #watchRights(): () => void {
    return this.#connection.onEvent((event) => {
      if (event.type !== "refused" || !UmbelError.is(event.error, "permission_denied")) return;
      if (event.error.details["subject"] === this.#subject) this.#end();
    });
  }

  #end(): void {
    this.#ended = true;
    this.#kept.length = 0;
    for (const stop of this.#stop) stop();
  }
}
