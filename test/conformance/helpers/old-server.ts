import { createServer } from "node:net";
import { once } from "node:events";

/** Something that greets clients as a nats-server of `version` does, and answers pings; nothing else. */
export interface OldServer extends AsyncDisposable {
  readonly url: string;
}

/** Greet as an old server: the one stub of this suite, for versions that cannot be run beside a new one. */
export async function greetAs(version: string): Promise<OldServer> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      if (chunk.includes("PING\r\n")) socket.write("PONG\r\n");
    });
    const info = { server_id: "OLD", server_name: "old", version, headers: true, max_payload: 1_048_576 };
    socket.write(`INFO ${JSON.stringify({ ...info, proto: 1, jetstream: true })}\r\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given to the stub");
  return {
    url: `nats://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
