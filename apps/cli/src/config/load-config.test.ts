import { describe, expect, test } from "vitest";
import { choose } from "./apply-config.ts";
import { defineConfig } from "./config.ts";
import { readConfig } from "./load-config.ts";

const PATH = "/project/umbel.config.ts";

describe("a configuration", () => {
  test("says what flags mean, with paths from its own folder", () => {
    const config = defineConfig({
      servers: ["nats://a:4222", "nats://b:4222"],
      mesh: "shop",
      creds: "me.creds",
      tls: { ca: "tls/ca.pem" },
      modules: ["./handlers.ts", "/elsewhere/more.ts"],
      queues: ["media"],
      threadMemory: 64,
      ackWait: "10s",
      health: { port: 0 },
      logLevel: "warn",
    });
    expect(readConfig(config, PATH)).toMatchObject({
      server: "nats://a:4222,nats://b:4222",
      mesh: "shop",
      creds: "/project/me.creds",
      tlsCa: "/project/tls/ca.pem",
      modules: ["/project/handlers.ts", "/elsewhere/more.ts"],
      queues: ["media"],
      threadMemory: 64,
      ackWait: 10_000,
      healthPort: 0,
      logLevel: "warn",
    });
  });

  test("fields that are undefined are not there", () => {
    expect(readConfig({ user: undefined }, PATH)).toEqual({});
  });

  test.each([
    [undefined, "umbel.config.ts: expected a default export, received undefined. Write: export default"],
    [["x"], "umbel.config.ts: expected an object"],
    [{ concurency: 5 }, 'umbel.config.ts: there is no field "concurency". Did you mean "concurrency"?'],
    [{ xyz: 5 }, "There are: servers, mesh"],
    [
      { concurrency: "5" },
      'umbel.config.ts: concurrency: expected a whole number from 1 to 10000, received "5".',
    ],
    [{ ackWait: "soon" }, "umbel.config.ts: ackWait: expected"],
    [{ tls: { cert: 1 } }, "umbel.config.ts: tls.cert: expected text"],
    [{ tls: { kay: "x" } }, 'Did you mean "key"?'],
    [{ health: { port: -1 } }, "umbel.config.ts: health.port: expected"],
    [{ modules: "./handlers.ts" }, "umbel.config.ts: modules: expected a list"],
    [{ queues: ["a b"] }, "umbel.config.ts: queues[0]: expected a queue name"],
    [{ mesh: "A" }, "umbel.config.ts: mesh: expected a mesh name"],
    [{ logLevel: "warm" }, 'Did you mean "warn"?'],
    [{ replicas: 2 }, "umbel.config.ts: replicas: expected one of 1, 3, 5, received 2."],
  ])("%j is refused", (config, message) => {
    expect(() => readConfig(config, PATH)).toThrow(message);
  });

  test("secrets are not repeated, misspelt or not", () => {
    for (const config of [{ pasword: "hunter2" }, { password: ["hunter2"] }, { token: { is: "hunter2" } }])
      expect(() => readConfig(config, PATH)).toThrow(/^(?!.*hunter2)/);
  });
});

describe("precedence", () => {
  const values = { server: "nats://a", user: "ada", mesh: "shop", concurrency: 5 };
  const nothing = { given: () => false, env: {} };

  test("flags and variables come before the configuration", () => {
    expect(choose(values, nothing)).toEqual(values);
    const given = (flag: string): boolean => flag === "concurrency";
    expect(choose(values, { given, env: { UMBEL_MESH: "other", UMBEL_USER: "" } })).toEqual({
      server: "nats://a",
      user: "ada",
    });
  });

  test("credentials are for the servers that they are written beside", () => {
    const env = { UMBEL_SERVER: "nats://b" };
    expect(choose(values, { ...nothing, env })).toEqual({ mesh: "shop", concurrency: 5 });
    expect(choose({ user: "ada" }, { ...nothing, env })).toEqual({ user: "ada" });
  });
});
