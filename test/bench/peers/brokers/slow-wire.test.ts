import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { startSlowWire } from "./slow-wire.ts";

test("a slow wire loses nothing and keeps the order", async () => {
  const echo = createServer((socket) => socket.pipe(socket));
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  const address = echo.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await using wire = await startSlowWire(port, 1);
  const client = connect(wire.port, "127.0.0.1");
  const sent = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join("");
  let received = "";
  const all = Promise.withResolvers<void>();
  client.on("data", (chunk: Buffer) => {
    received += chunk.toString();
    if (received.length === sent.length) all.resolve();
  });
  for (const line of sent.split(/(?<=\n)/)) client.write(line);
  await all.promise;
  expect(received).toBe(sent);
  client.destroy();
  echo.close();
});
