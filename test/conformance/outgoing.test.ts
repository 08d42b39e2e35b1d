import { connectBroker, type BrokerConnection } from "@umbel/broker";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { eventually, freePort } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What the package sends by itself, instead of having the library do it.

let server: LocalServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const open = (url = server.url): Promise<BrokerConnection> => connectBroker({ servers: url });
/** Bytes that tell which message they are of, and whether all of it came. */
const bodyOf = (index: number, size: number): Uint8Array => new Uint8Array(size).fill(index % 251);
const send = ({ outgoing }: BrokerConnection, subject: string, body: Uint8Array): void =>
  outgoing.send({ subject, body });

async function hear(connection: BrokerConnection, subject: string): Promise<Uint8Array[]> {
  const heard: Uint8Array[] = [];
  connection.subscribe(subject, ({ data }) => heard.push(Uint8Array.from(data)));
  await connection.flush();
  return heard;
}

describe("messages", () => {
  test("arrive whole and in order, whatever their sizes, among those that the library sends", async () => {
    await using sender = await open();
    await using hearer = await open();
    const heard = await hear(hearer, "mixed");
    const sizes = [0, 1, 100, 16_384, 16_385, 65_000, 65_536, 70_000, 500_000, 3, 0];
    const sent = Array.from({ length: 400 }, (_, index) => bodyOf(index, sizes[index % sizes.length] ?? 0));
    for (const [index, body] of sent.entries()) {
      if (index % 7 === 0) sender.broadcast("mixed", body);
      else send(sender, "mixed", body);
      // The library sends when promises have nothing left to do.
      if (index % 7 === 0) await Promise.resolve();
    }
    await sender.flush();
    await eventually("all have come", () => heard.length === sent.length);
    expect(heard.map((body) => body.byteLength)).toEqual(sent.map((body) => body.byteLength));
    expect(heard.every((body, index) => Buffer.compare(body, sent[index] ?? body) === 0)).toBe(true);
  });

  test("come after a subscription that was made in the same breath", async () => {
    await using connection = await open();
    const heard: string[] = [];
    connection.subscribe("breath", ({ data }) => heard.push(Buffer.from(data).toString()));
    send(connection, "breath", Buffer.from("first"));
    await eventually("it is heard", () => heard.length === 1);
    expect(heard).toEqual(["first"]);
  });

  test("have left when the connection is closed right behind them", async () => {
    await using hearer = await open();
    const heard = await hear(hearer, "last");
    const sender = await open();
    for (let index = 0; index < 50; index++) send(sender, "last", bodyOf(index, 200));
    await sender.close();
    await eventually("all have come", () => heard.length === 50);
    expect(heard.every(({ byteLength }) => byteLength === 200)).toBe(true);
  });

  test("may have UTF-8 in their subjects", async () => {
    await using connection = await open();
    const heard = await hear(connection, "grüße.>");
    send(connection, "grüße.葉", bodyOf(1, 10));
    await eventually("it is heard", () => heard.length === 1);
    expect(heard).toEqual([bodyOf(1, 10)]);
  });

  test("that are larger than the server takes are refused, and those behind them are not", async () => {
    await using connection = await open();
    const heard = await hear(connection, "large");
    expect(() => send(connection, "large", bodyOf(1, connection.maxPayloadBytes + 1))).toThrow(/max_payload/);
    send(connection, "large", bodyOf(1, 5));
    await eventually("the other is heard", () => heard.length === 1);
  });

  test("that are sent while the server is away are lost without harm; those once it is back are heard", async () => {
    const port = await freePort();
    const first = await startServer({ port });
    await using connection = await open(first.url);
    const heard = await hear(connection, "away");
    await first.stop();
    await eventually("the loss is noticed", () => !connection.connected);
    send(connection, "away", bodyOf(1, 5));
    await using _second = await startServer({ port });
    await eventually("it is back", () => connection.connected, { timeoutMs: 20_000 });
    send(connection, "away", bodyOf(2, 6));
    await eventually("the second is heard", () => heard.some(({ byteLength }) => byteLength === 6));
    expect(heard.map(({ byteLength }) => byteLength)).toEqual([6]);
  });

  test("are refused once the connection is closed", async () => {
    const connection = await open();
    await connection.close();
    expect(connection.outgoing.closed).toBe(true);
    expect(() => send(connection, "closed", bodyOf(1, 5))).toThrow(/clos/i);
  });
});
