import { MsgHdrsImpl } from "@nats-io/nats-core/internal";

/** Headers that were encoded once and are sent many times. */
export class EncodedHeaders extends MsgHdrsImpl {
  readonly #bytes: Uint8Array;

  constructor(fields: Readonly<Record<string, string>>) {
    super();
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#bytes = Buffer.from(`NATS/1.0\r\n${lines.join("")}\r\n`);
  }

  override encode(): Uint8Array {
    return this.#bytes;
  }
}
