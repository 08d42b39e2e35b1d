import { connect, type NatsConnection } from "@nats-io/transport-node";

/** The mesh of every benchmark. */
export const MESH = "umbel";

/** Connect as lean code would: without the stack trace that the library builds for every request. */
export function connectRaw(url: string): Promise<NatsConnection> {
  return connect({ servers: url, noAsyncTraces: true });
}
