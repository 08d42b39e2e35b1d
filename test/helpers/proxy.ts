import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A wire between clients and a server that can be cut. */
export interface Proxy extends AsyncDisposable {
  /** For clients. */
  readonly url: string;
  /** From now on nothing that the server says arrives; what clients say still does. */
  swallowAnswers(): void;
  /** Break every connection that is open. New ones are whole again. */
  cut(): void;
}

/** Lay a wire to the server at `target`. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => swallowing || client.write(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given to the proxy");
  const cut = (): void => {
    swallowing = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${address.port}`,
    swallowAnswers: () => {
      swallowing = true;
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
