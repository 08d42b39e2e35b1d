import { createInbox, type Msg } from "@nats-io/transport-node";
import { UmbelError } from "@umbel/protocol";
import { withDeadline } from "@umbel/runtime";
import { randomUUID } from "node:crypto";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders } from "./encoded-headers.ts";
import { readPublishReply } from "./publish-reply.ts";

/** One message of an atomic batch. */
export interface BatchMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: readonly (readonly [string, string])[];
}

/** The most messages that the server takes in one atomic batch. */
export const MAX_BATCH = 1_000;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Store all of `messages`, of one stream, or none. One round trip: every message but the last is published
 * without waiting (https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md).
 *
 * @throws UmbelError `invalid_argument` for an empty or too long batch; `conflict` and the like when the
 * server refuses it: then nothing is stored; `unconfirmed` when it did not answer.
 */
export async function publishBatch(
  connection: BrokerConnection,
  messages: readonly BatchMessage[],
): Promise<void> {
  if (messages.length === 0 || messages.length > MAX_BATCH) {
    throw new UmbelError(
      "invalid_argument",
      `an atomic batch holds 1 to ${MAX_BATCH} messages, received ${messages.length}.`,
    );
  }
  const answer = Promise.withResolvers<Msg>();
  const reply = createInbox(connection.inboxPrefix);
  const stop = connection.subscribe(reply, (message) => {
    // The server confirms the opening of a batch with an empty message; errors and the commit have a body.
    if (message.data.length > 0 || (message.headers?.code ?? 0) !== 0) answer.resolve(message);
  });
  try {
    send(connection, messages, reply);
    const message = await withDeadline(answer.promise, ANSWER_TIMEOUT_MS);
    if (message === undefined) throw unconfirmed();
    const result = readPublishReply(message);
    if (result instanceof UmbelError) throw result;
  } finally {
    stop();
  }
}

function send(connection: BrokerConnection, messages: readonly BatchMessage[], reply: string): void {
  const batchId = randomUUID();
  messages.forEach(({ subject, body, headers }, index) => {
    const last = index === messages.length - 1;
    const pairs: (readonly [string, string])[] = [
      ...headers,
      ["Nats-Batch-Id", batchId],
      ["Nats-Batch-Sequence", String(index + 1)],
      ...(last ? [["Nats-Batch-Commit", "1"] as const] : []),
    ];
    const options = { headers: encodeHeaders(pairs) };
    // Only the ends ask for an answer: the first, so that a refused batch is heard of, and the commit.
    connection.nats.publish(subject, body, last || index === 0 ? { ...options, reply } : options);
  });
}

function unconfirmed(): UmbelError {
  return new UmbelError(
    "unconfirmed",
    `the server did not confirm the batch within ${ANSWER_TIMEOUT_MS} ms: all of it is stored, or none. Repeat it with the same run ids.`,
  );
}
