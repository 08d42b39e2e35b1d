import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "./free-port.ts";

test("a free port can be listened on", async () => {
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  expect(server.address()).toMatchObject({ port, address: "127.0.0.1" });
  server.close();
  await once(server, "close");
});

test("a port that is taken is not given", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(ports.every((port) => port > 0 && port < 65_536)).toBe(true);
  for (const port of ports) expect(server.address()).not.toMatchObject({ port });
  server.close();
});
