import { NatsConnectionImpl } from "@nats-io/nats-core/internal";
import type { NatsConnection } from "@nats-io/transport-node";
import { CoalescingTransport } from "./coalescing-transport.ts";
import type { EncodedHeaders } from "./encoded-headers.ts";

/** A core message. Subjects come from the protocol package or from the server: neither can break a line. */
export interface CoreMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly reply?: string | undefined;
  readonly headers?: EncodedHeaders | undefined;
}

/**
 * What leaves on a connection. While it is up, messages go straight to its transport, behind all that the library
 * has sent; at any other time to the library, which says what is wrong, or loses them with the connection.
 */
export class Outgoing {
  readonly #nats: NatsConnection;

  constructor(nats: NatsConnection) {
    this.#nats = nats;
  }

  /** Whether nothing will ever be sent again. */
  get closed(): boolean {
    return this.#nats.isClosed();
  }

  /** Send `message`. @throws whatever the library throws: it is too large, or the connection is closed. */
  send({ subject, body, reply, headers }: CoreMessage): void {
    const encoded = headers?.encode();
    const transport = this.#transportFor(body.byteLength + (encoded?.byteLength ?? 0));
    if (transport === undefined) {
      this.#nats.publish(subject, body, {
        ...(reply === undefined ? {} : { reply }),
        ...(headers === undefined ? {} : { headers }),
      });
    } else transport.publish({ subject, body, reply, headers: encoded });
  }

  #transportFor(bytes: number): CoalescingTransport | undefined {
    const nats = this.#nats;
    if (!(nats instanceof NatsConnectionImpl)) return undefined;
    const { protocol } = nats;
    const { transport, info, outbound } = protocol;
    const ready = protocol.connected && !protocol.noMorePublishing && !protocol.isClosed();
    if (!ready || info === undefined || bytes > info.max_payload) return undefined;
    if (!(transport instanceof CoalescingTransport)) return undefined;
    // What it holds back, such as a subscription to the reply, comes first.
    if (outbound.length() > 0) transport.send(outbound.drain());
    return transport;
  }
}
