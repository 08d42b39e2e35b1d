import {
  connectBroker,
  LEAST_SERVER_VERSION,
  type BrokerConnection,
  type ConnectionEvent,
} from "@umbel/broker";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { eventually, freePort } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { greetAs } from "./helpers/old-server.ts";
import { startPlainServer } from "./helpers/plain-server.ts";
import { rejection } from "./helpers/rejection.ts";

let server: LocalServer;
beforeAll(async () => {
  server = await startServer({
    extraConfig: `
      accounts {
        APP {
          jetstream: enabled
          users: [
            { user: app, password: secret }
            { user: blind, password: secret, permissions: { publish: { deny: ["$JS.API.INFO"] } } }
            { user: mute, password: secret, permissions: { subscribe: { deny: ["_INBOX.>"] } } }
            { user: boxed-in, password: secret, permissions: { publish: { deny: ["denied.>"] }, subscribe: { deny: ["denied.>"] } } }
            { user: boxed, password: secret, permissions: { subscribe: { allow: ["_INBOX_boxed.>"] } } }
          ]
        }
        BARE { users: [{ user: bare, password: secret }] }
      }`,
  });
});
afterAll(() => server.stop());

const as = (user: string) => connectBroker({ servers: server.url, user, password: "secret" });

describe("a server that can carry a mesh", () => {
  test("is connected to, and tells its version and limits", async () => {
    await using connection = await as("app");
    expect(connection).toMatchObject({
      connected: true,
      mesh: "umbel",
      servers: [server.url],
      serverVersion: server.version,
      maxPayloadBytes: 8 * 1_048_576,
      streams: {
        tasks: "UMBEL_TASKS",
        results: "KV_umbel_results",
        deadLetters: "UMBEL_DLQ",
        leases: "KV_umbel_leases",
        events: "UMBEL_EVENTS",
      },
    });
  });

  test("takes a user who may only subscribe below another inbox prefix", async () => {
    const options = { servers: server.url, user: "boxed", password: "secret", inboxPrefix: "_INBOX_boxed" };
    await using connection = await connectBroker(options);
    await expect(connection.flush()).resolves.toBeUndefined();
  });

  test("is reached through the first of several addresses that answers", async () => {
    const dead = `nats://127.0.0.1:${await freePort()}`;
    await using connection = await connectBroker({
      servers: `${dead}, ${server.url}`,
      user: "app",
      password: "secret",
    });
    expect(connection.connected).toBe(true);
  });
});

describe("refusals", () => {
  test("wrong credentials are permission_denied and say what to check", async () => {
    const error = await rejection(connectBroker({ servers: server.url, user: "app", password: "wrong" }));
    expect(error).toMatchObject({ code: "permission_denied", details: { servers: server.url } });
    expect(error.message).toContain("Check user, password, token or creds");
    await expect(rejection(connectBroker({ servers: server.url }))).resolves.toMatchObject({
      code: "permission_denied",
    });
  });

  test("an address where nothing listens is cannot_connect and names it", async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    const error = await rejection(connectBroker({ servers: url }));
    expect(error).toMatchObject({ code: "cannot_connect", retryable: true, details: { servers: url } });
    expect(error.message).toContain(url);
  });

  test.each(["2.10.22", "2.12.15", "2.14.4"])(
    "server %s is unsupported, with what is needed",
    async (version) => {
      await using old = await greetAs(version);
      const error = await rejection(connectBroker({ servers: old.url }));
      expect(error).toMatchObject({
        code: "unsupported_server",
        details: { found: `version ${version}`, needed: LEAST_SERVER_VERSION },
      });
      expect(error.message).toContain(LEAST_SERVER_VERSION);
    },
  );

  test("a server that takes only small messages is unsupported, with the setting to change", async () => {
    await using small = await startServer({ extraConfig: "max_payload: 64KB" });
    const error = await rejection(connectBroker({ servers: small.url }));
    expect(error).toMatchObject({
      code: "unsupported_server",
      details: { field: "max_payload", found: 65_536, needed: 262_144 },
    });
    expect(error.message).toContain("Raise max_payload");
  });

  test("a server without JetStream is jetstream_disabled", async () => {
    await using plain = await startPlainServer();
    const error = await rejection(connectBroker({ servers: plain.url }));
    expect(error).toMatchObject({ code: "jetstream_disabled" });
    expect(error.message).toContain("nats-server -js");
  });

  test("an account without JetStream is jetstream_disabled", async () => {
    await expect(rejection(as("bare"))).resolves.toMatchObject({ code: "jetstream_disabled" });
  });

  test("a user who may not ask about JetStream is told which subject to be granted", async () => {
    const error = await rejection(as("blind"));
    expect(error).toMatchObject({
      code: "permission_denied",
      details: { operation: "publish", subject: "$JS.API.INFO" },
    });
    expect(error.message).toContain("$JS.API.INFO");
  });

  test("a user who may not subscribe to its inbox is told which one", async () => {
    const error = await rejection(as("mute"));
    expect(error).toMatchObject({ code: "permission_denied", details: { operation: "subscription" } });
    expect(error.message).toMatch(/subscribe to "_INBOX\./);
  });
});

describe("a connection", () => {
  test("is closed once, however often it is asked, and tells it", async () => {
    const connection = await as("app");
    const events = eventsOf(connection);
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
    expect(connection.connected).toBe(false);
    await eventually("the end is told", () => events.length > 0);
    expect(events).toEqual([{ type: "closed", error: undefined }]);
    await expect(rejection(connection.flush())).resolves.toMatchObject({ code: "connection_closed" });
    connection.broadcast("a.subject", new Uint8Array());
  });

  test("hears core messages until it stops listening", async () => {
    await using connection = await as("app");
    const heard: string[] = [];
    const stop = connection.subscribe("greetings.*", ({ subject }) => heard.push(subject));
    connection.broadcast("greetings.one", new Uint8Array());
    await eventually("the message is heard", () => heard.length === 1);
    stop();
    connection.broadcast("greetings.two", new Uint8Array());
    await connection.flush();
    expect(heard).toEqual(["greetings.one"]);
  });

  test("goes on hearing after a listener has thrown", async () => {
    await using connection = await as("app");
    const heard: string[] = [];
    connection.subscribe("greetings.*", ({ subject }) => {
      heard.push(subject);
      if (subject === "greetings.bad") throw new Error("from a listener");
    });
    connection.broadcast("greetings.bad", new Uint8Array());
    connection.broadcast("greetings.good", new Uint8Array());
    await connection.flush();
    expect(heard).toEqual(["greetings.bad", "greetings.good"]);
  });

  test("goes on telling after a listener of its events has thrown", async () => {
    await using connection = await as("boxed-in");
    connection.onEvent(() => {
      throw new Error("from a listener");
    });
    const events = eventsOf(connection);
    connection.broadcast("denied.one", new Uint8Array());
    connection.broadcast("denied.two", new Uint8Array());
    await eventually("both refusals are told", () => events.length === 2);
    expect(events).toMatchObject([
      { type: "refused", error: { code: "permission_denied", details: { subject: "denied.one" } } },
      { type: "refused", error: { code: "permission_denied", details: { subject: "denied.two" } } },
    ]);
  });

  test("tells which subscription was refused, and to nobody who stopped listening", async () => {
    await using connection = await as("boxed-in");
    const before = eventsOf(connection);
    const unheard: ConnectionEvent[] = [];
    connection.onEvent((event) => unheard.push(event))();
    connection.subscribe("denied.*", () => undefined);
    await eventually("the refusal is told", () => before.length > 0);
    expect(before[0]).toMatchObject({
      type: "refused",
      error: { code: "permission_denied", details: { operation: "subscription", subject: "denied.*" } },
    });
    expect(unheard).toEqual([]);
  });
});

function eventsOf(connection: BrokerConnection): ConnectionEvent[] {
  const events: ConnectionEvent[] = [];
  connection.onEvent((event) => events.push(event));
  return events;
}
