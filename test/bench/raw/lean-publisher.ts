import { createInbox, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { ShortLivedMap } from "@umbel/runtime";
import type { EncodedHeaders } from "./encoded-headers.ts";

/** What is stored, and where. */
export interface LeanMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: EncodedHeaders;
}

const LETTER_S = 0x73;

/**
 * Publishes into streams with as little as that takes: one inbox, one map of callbacks. No time-outs, no
 * repeats; anything but "stored" ends the process.
 */
export class LeanPublisher {
  readonly #nats: NatsConnection;
  readonly #inbox = `${createInbox()}.`;
  readonly #waiting = new ShortLivedMap<number, () => void>();
  #next = 0;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
    nats.subscribe(`${this.#inbox}*`, { callback: (_error, message) => this.#onReply(message) });
  }

  publish({ subject, body, headers }: LeanMessage, onStored: () => void): void {
    const token = ++this.#next;
    this.#waiting.set(token, onStored);
    this.#nats.publish(subject, body, { reply: this.#inbox + token, headers });
  }

  #onReply({ subject, data }: Msg): void {
    const token = Number(subject.slice(this.#inbox.length));
    const onStored = this.#waiting.take(token);
    // {"stream":… is success, {"error":… is not.
    if (data[2] === LETTER_S) onStored?.();
    else queueMicrotask(() => fail(data));
  }
}

/** Publish `count` messages, `width` of them in flight. `one` publishes the next. Resolves when all are stored. */
export function publishAll(count: number, width: number, one: (onStored: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let sent = 0;
  let stored = 0;
  const send = (): void => {
    sent += 1;
    one(onStored);
  };
  const onStored = (): void => {
    stored += 1;
    if (stored === count) resolve();
    else if (sent < count) send();
  };
  while (sent < Math.min(count, width)) send();
  return promise;
}

function fail(data: Uint8Array): never {
  throw new Error(`the server refused a message: ${Buffer.from(data).toString()}`);
}
