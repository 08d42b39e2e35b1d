import { InvalidArgumentError } from "@nats-io/nats-core/internal";
import { UmbelError } from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import type { EncodedHeaders } from "./encoded-headers.ts";
import { translateError } from "./translate-error.ts";

/** A message that could not even be sent. */
export interface UnsentMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: EncodedHeaders | undefined;
}

/** Why `message` was not sent, given what the library threw: it is certainly not stored. */
export function sendFailure(
  error: unknown,
  message: UnsentMessage,
  connection: BrokerConnection,
): UmbelError {
  // The one argument that the library checks when it publishes is the size.
  return error instanceof InvalidArgumentError
    ? tooLarge(message, connection, error)
    : translateError(error, "publishing");
}

/** How many bytes `message` has for the server, headers included. */
export function sizeOf({ body, headers }: UnsentMessage): number {
  return body.byteLength + (headers?.encode().byteLength ?? 0);
}

/** The error of a message with more bytes than the server takes. */
export function tooLarge(message: UnsentMessage, connection: BrokerConnection, cause?: unknown): UmbelError {
  const sizeBytes = sizeOf(message);
  const limitBytes = connection.maxPayloadBytes;
  return new UmbelError(
    "payload_too_large",
    `publishing to "${message.subject}": the message has ${sizeBytes} bytes with its headers and the server takes ` +
      `${limitBytes}. Send less, or raise max_payload in the server's configuration.`,
    { cause, details: { subject: message.subject, sizeBytes, limitBytes } },
  );
}

/** The error of a message that was sent and never answered, and `why` it will not be any more. */
export function unconfirmed(
  why: string,
  options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
): UmbelError {
  const message = `publishing: ${why} The message may or may not be stored: repeat it with the same run id, which cannot make a second run.`;
  return new UmbelError("unconfirmed", message, options);
}
