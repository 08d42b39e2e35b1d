import { createInbox, type Msg } from "@nats-io/transport-node";
import { UmbelError } from "@umbel/protocol";
import type { BrokerConnection, ConnectionEvent } from "./connection.ts";
import { translateError } from "./translate-error.ts";

/** A message as a stream holds it. */
export interface ReadMessage {
  readonly subject: string;
  readonly sequence: number;
  /** When it was stored, in milliseconds since the epoch. */
  readonly storedAt: number;
  readonly body: Uint8Array;
  /** The value of a header, the first of several; `undefined` without any. */
  header(name: string): string | undefined;
}

/** What {@link readStream} reads. */
export interface ReadStreamQuery {
  /** Only messages on subjects that match this. @default all */
  readonly filter?: string;
  /** Only messages behind this sequence. @default 0 */
  readonly after?: number;
  /** Only messages stored at this time or later, in milliseconds since the epoch. Not together with `after`. */
  readonly storedSince?: number;
  /** No more than this many messages. */
  readonly limit: number;
  /** No more messages once these many bytes are read; at least one message comes. @default 4 MiB */
  readonly maxBytes?: number;
}

/** Messages in the order of their sequence. */
export interface ReadResult {
  readonly messages: readonly ReadMessage[];
  /** Whether more messages matched at that moment. */
  readonly more: boolean;
}

/** The most subjects whose last messages the server gives at once. */
export const MAX_LAST = 1_000;

const DEFAULT_MAX_BYTES = 4 * 1_048_576;
const SILENCE_TIMEOUT_MS = 5_000;

/**
 * Read messages of a stream in one request, from the nearest replica: on a cluster one that was stored a moment
 * ago may be missing. Takes nothing away and makes nothing on the server.
 *
 * @throws UmbelError `permission_denied`, `broker_unavailable` when there is no answer, or no such stream.
 */
export async function readStream(
  connection: BrokerConnection,
  stream: string,
  query: ReadStreamQuery,
): Promise<ReadResult> {
  const { filter = ">", after = 0, storedSince, limit, maxBytes = DEFAULT_MAX_BYTES } = query;
  const from =
    storedSince === undefined ? { seq: after + 1 } : { start_time: new Date(storedSince).toISOString() };
  return request(connection, stream, { ...from, next_by_subj: filter, batch: limit, max_bytes: maxBytes });
}

/**
 * The last messages on up to {@link MAX_LAST} subjects without wildcards, in the order of their sequence; of what
 * holds nothing, none. As {@link readStream} otherwise.
 */
export async function readLastMessages(
  connection: BrokerConnection,
  stream: string,
  subjects: readonly string[],
): Promise<readonly ReadMessage[]> {
  if (subjects.length === 0) return [];
  const { messages } = await request(connection, stream, { multi_last: subjects, batch: subjects.length });
  return messages;
}

async function request(connection: BrokerConnection, stream: string, query: object): Promise<ReadResult> {
  const subject = `$JS.API.DIRECT.GET.${stream}`;
  const answer = new Answer(`reading stream ${stream}`);
  const inbox = createInbox(connection.inboxPrefix);
  const stops = [
    connection.subscribe(inbox, (message) => answer.add(message)),
    connection.onEvent((event) => answer.onEvent(event, [subject, inbox])),
  ];
  try {
    connection.nats.publish(subject, JSON.stringify(query), { reply: inbox });
    return await answer.result;
  } catch (error) {
    throw translateError(error, `reading stream ${stream}`);
  } finally {
    for (const stop of stops) stop();
    answer[Symbol.dispose]();
  }
}

/** Collects the messages of one answer until the server says that it ends. */
class Answer implements Disposable {
  readonly #doing: string;
  readonly #messages: ReadMessage[] = [];
  readonly #done = Promise.withResolvers<ReadResult>();
  readonly #silence: NodeJS.Timeout;

  constructor(doing: string) {
    this.#doing = doing;
    this.#silence = setTimeout(() => this.#fail("the server did not answer in time."), SILENCE_TIMEOUT_MS);
  }

  get result(): Promise<ReadResult> {
    return this.#done.promise;
  }

  add(message: Msg): void {
    this.#silence.refresh();
    switch (statusOf(message)) {
      case 0:
        this.#messages.push(new DirectMessage(message));
        return;
      case END:
        return this.#end(pendingOf(message) > 0);
      case NOTHING:
        return this.#end(false);
      case UNHEARD:
        return this.#fail("no server has such a stream at this moment.");
      default:
        this.#fail(`the server answered "${message.headers?.description}" (${message.headers?.code}).`);
    }
  }

  onEvent(event: ConnectionEvent, subjects: readonly string[]): void {
    if (event.type === "refused") {
      const subject = event.error.details["subject"];
      if (typeof subject === "string" && subjects.includes(subject)) this.#done.reject(event.error);
    } else if (event.type !== "reconnected")
      this.#fail("the connection was lost before the server answered.");
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#silence);
  }

  // Whoever reads on must get on.
  #end(more: boolean): void {
    this.#done.resolve({ messages: this.#messages, more: more && this.#messages.length > 0 });
  }

  #fail(why: string): void {
    this.#done.reject(new UmbelError("broker_unavailable", `${this.#doing}: ${why}`));
  }
}

const END = 204;
const NOTHING = 404;
const UNHEARD = 503;

// What was published with a status of its own is a message all the same.
function statusOf({ headers }: Msg): number {
  return headers === undefined || headers.has("Nats-Sequence") ? 0 : headers.code;
}

function pendingOf(message: Msg): number {
  return Number(message.headers?.get("Nats-Num-Pending") ?? 0);
}

class DirectMessage implements ReadMessage {
  readonly #message: Msg;

  constructor(message: Msg) {
    this.#message = message;
  }

  get subject(): string {
    return this.#added("Nats-Subject");
  }

  get sequence(): number {
    return Number(this.#added("Nats-Sequence"));
  }

  get storedAt(): number {
    return Date.parse(this.#added("Nats-Time-Stamp"));
  }

  get body(): Uint8Array {
    return this.#message.data;
  }

  header(name: string): string | undefined {
    const { headers } = this.#message;
    return headers?.has(name) === true ? headers.get(name) : undefined;
  }

  // The server puts its own behind those of the message, which may have the same names.
  #added(name: string): string {
    return this.#message.headers?.last(name) ?? "";
  }
}
