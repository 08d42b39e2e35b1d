import { NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import type { NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node";
import { nodeResolveHost, NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";

/** Nothing waits longer than these for what else is sent. */
const MOST_BYTES = 16_384;
const MOST_MS = 1;

/**
 * The library's transport, which writes to its socket once for all that is sent until promises have nothing left to do.
 * The library writes whenever a chain of promises pauses: a worker with one slot made a system call for every run, which
 * was most of what such a run cost it.
 */
class CoalescingTransport extends NodeTransport {
  #heldSince = 0;

  override send(frame: Uint8Array): void {
    const { socket } = this;
    if (socket.writableCorked === 0) {
      this.#heldSince = performance.now();
      socket.cork();
      // After all promises that are settled by now. Ending or destroying the socket meanwhile is no harm.
      process.nextTick(() => socket.uncork());
    }
    super.send(frame);
    if (socket.writableLength > MOST_BYTES || performance.now() - this.#heldSince > MOST_MS) socket.uncork();
  }
}

/** What the library's `connect()` does, with a transport that writes less often. */
export function connectCoalescing(options: NodeConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new CoalescingTransport(), dnsResolveFn: nodeResolveHost });
  return NatsConnectionImpl.connect(options);
}
