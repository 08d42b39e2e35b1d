import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Broker } from "./broker.ts";

/** A wire to a server on which everything takes its time. */
export interface SlowWire extends AsyncDisposable {
  readonly port: number;
}

/** Lay a wire to a server of this machine. What the server says arrives `delayMs` later; what clients say, at once. */
export async function startSlowWire(serverPort: number, delayMs: number): Promise<SlowWire> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: serverPort, host: "127.0.0.1", noDelay: true });
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => upstream.write(chunk));
    // One timer for each chunk: they fire in their order.
    upstream.on("data", (chunk) => setTimeout(() => client.destroyed || client.write(chunk), delayMs));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The same broker, for programs behind a slow wire. Counting takes the short way. */
export async function behindSlowWire(broker: Broker, delayMs: number): Promise<Broker> {
  const url = new URL(broker.url);
  const wire = await startSlowWire(Number(url.port), delayMs);
  url.port = String(wire.port);
  return {
    url: url.href.replace(/\/$/, ""),
    pids: broker.pids,
    queuedRuns: () => broker.queuedRuns(),
    storedOutcomes: () => broker.storedOutcomes(),
    [Symbol.asyncDispose]: async () => {
      await wire[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}
