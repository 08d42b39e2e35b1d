import { createInbox, type Msg } from "@nats-io/transport-node";
import { UmbelError } from "@umbel/protocol";
import { sleep, withDeadline } from "@umbel/runtime";
import { randomUUID } from "node:crypto";
import type { BrokerConnection, ConnectionEvent } from "./connection.ts";
import { encodeHeaders, type EncodedHeaders } from "./encoded-headers.ts";
import { readPublishReply } from "./publish-reply.ts";
import { sizeOf, tooLarge, unconfirmed } from "./send-failure.ts";
import { translateError } from "./translate-error.ts";

/** One message of an atomic batch. */
export interface BatchMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: readonly (readonly [string, string])[];
}

/** The most messages that the server takes in one atomic batch. */
export const MAX_BATCH = 1_000;
const ANSWER_TIMEOUT_MS = 10_000;
const TRIES = 50;
const PAUSE_MS = 100;

/**
 * Store all of `messages`, of one stream, or none. One round trip: every message but the last is published
 * without waiting (https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md).
 *
 * @throws UmbelError `invalid_argument` for an empty or too long batch; `payload_too_large`, `conflict` and the
 * like when it or the server refuses one of them: then nothing is stored; `unconfirmed` when nobody knows.
 */
export async function publishBatch(
  connection: BrokerConnection,
  messages: readonly BatchMessage[],
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await publishOnce(connection, messages);
    } catch (error) {
      // Nothing took it, so nothing is stored: its stream is between leaders, or has none yet.
      if (!UmbelError.is(error, "broker_unavailable") || tries === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

async function publishOnce(connection: BrokerConnection, messages: readonly BatchMessage[]): Promise<void> {
  const parts = encodeBatch(connection, messages);
  const answer = Promise.withResolvers<Msg>();
  const reply = createInbox(connection.inboxPrefix);
  const subjects = new Set(messages.map(({ subject }) => subject));
  let failure: UmbelError | undefined;
  const stops = [
    connection.subscribe(reply, (message) => {
      // The server confirms the opening of a batch with an empty message; errors and the commit have a body.
      if (message.data.length > 0 || (message.headers?.code ?? 0) !== 0) answer.resolve(message);
    }),
    connection.onEvent((event) => {
      failure ??= lossOf(event, { reply, subjects });
      if (failure !== undefined) answer.reject(failure);
    }),
  ];
  try {
    send(connection, parts, reply);
    const message = await withDeadline(answer.promise, ANSWER_TIMEOUT_MS);
    if (message === undefined) throw unconfirmed(`the server did not answer within ${ANSWER_TIMEOUT_MS} ms.`);
    const result = readPublishReply(message);
    if (!(result instanceof UmbelError)) return;
    // Why the server found it incomplete may be heard of a moment later: by the end of a round trip.
    await connection.flush().catch(() => undefined);
    throw failure ?? result;
  } finally {
    for (const stop of stops) stop();
  }
}

interface BatchPart {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: EncodedHeaders;
}

// All of it is checked before any of it is sent: the server keeps a batch open that is not finished.
function encodeBatch(connection: BrokerConnection, messages: readonly BatchMessage[]): readonly BatchPart[] {
  if (messages.length === 0 || messages.length > MAX_BATCH) {
    throw new UmbelError(
      "invalid_argument",
      `an atomic batch holds 1 to ${MAX_BATCH} messages, received ${messages.length}.`,
    );
  }
  const batchId = randomUUID();
  return messages.map(({ subject, body, headers }, index) => {
    const part = {
      subject,
      body,
      headers: encodeHeaders([
        ...headers,
        ["Nats-Batch-Id", batchId],
        ["Nats-Batch-Sequence", String(index + 1)],
        ...(index === messages.length - 1 ? [["Nats-Batch-Commit", "1"] as const] : []),
      ]),
    };
    if (sizeOf(part) > connection.maxPayloadBytes) throw tooLarge(part, connection);
    return part;
  });
}

// Why no answer will come, when `event` says so.
function lossOf(
  event: ConnectionEvent,
  batch: { readonly reply: string; readonly subjects: ReadonlySet<string> },
): UmbelError | undefined {
  if (event.type === "reconnected") return undefined;
  const error = event.type === "disconnected" ? undefined : event.error;
  const subject = error?.details["subject"];
  // The server leaves out what this user may not publish, and so refuses the batch at its end.
  if (error !== undefined && typeof subject === "string" && batch.subjects.has(subject)) return error;
  if (event.type === "refused" && subject !== batch.reply) return undefined;
  return unconfirmed("the connection was lost before the server answered.", { cause: error });
}

function send(connection: BrokerConnection, parts: readonly BatchPart[], reply: string): void {
  parts.forEach(({ subject, body, headers }, index) => {
    // Only the ends ask for an answer: the first, so that a refused batch is heard of, and the commit.
    const asks = index === 0 || index === parts.length - 1;
    try {
      connection.nats.publish(subject, body, asks ? { headers, reply } : { headers });
    } catch (error) {
      throw translateError(error, `publishing to "${subject}"`);
    }
  });
}
