import { createConnection } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { healthUrl, serveHealth, type HealthServer } from "./health-server.ts";

const LOCAL = { port: 0, host: "127.0.0.1" };

let problems: { live?: string; ready?: string };
let server: HealthServer;

beforeEach(async () => {
  problems = {};
  server = await serveHealth(LOCAL, { live: () => problems.live, ready: () => problems.ready });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function ask(path: string, method = "GET"): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.url}${path}`, { method });
  return { status: response.status, text: await response.text() };
}

describe("a health server", () => {
  test("says where it is", () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  });

  test.each(["/livez", "/readyz", "/livez?verbose", "/readyz?a=/livez"])(
    "answers %s with ok",
    async (path) => {
      await expect(ask(path)).resolves.toEqual({ status: 200, text: "ok\n" });
    },
  );

  test("asks anew each time: a worker that is not ready may still be alive", async () => {
    problems.ready = "not connected to the broker";
    await expect(ask("/readyz")).resolves.toEqual({ status: 503, text: "not connected to the broker\n" });
    await expect(ask("/livez")).resolves.toEqual({ status: 200, text: "ok\n" });
    problems = { live: "deaf" };
    await expect(ask("/readyz")).resolves.toEqual({ status: 200, text: "ok\n" });
    await expect(ask("/livez")).resolves.toEqual({ status: 503, text: "deaf\n" });
  });

  test("answers HEAD without a text", async () => {
    problems.live = "deaf";
    await expect(ask("/livez", "HEAD")).resolves.toEqual({ status: 503, text: "" });
  });

  test.each([
    ["GET", "/", 404],
    ["GET", "/metrics", 404],
    ["GET", "/livez/", 404],
    ["POST", "/livez", 405],
    ["DELETE", "/", 405],
  ])("answers %s %s with %i", async (method, path, status) => {
    await expect(ask(path, method)).resolves.toMatchObject({ status });
  });

  test("lets nobody keep its answers", async () => {
    const response = await fetch(`${server.url}/livez`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  test("on a port that is taken is an error that names the port and keeps the cause", async () => {
    const port = Number(new URL(server.url).port);
    const second = serveHealth({ ...LOCAL, port }, { live: () => undefined, ready: () => undefined });
    await expect(second).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(`127.0.0.1:${port}: .*EADDRINUSE.* Choose another port`),
      details: { field: "health.port", received: port },
      cause: { code: "EADDRINUSE" },
    });
  });

  test("closes although somebody keeps a connection open", async () => {
    const { hostname, port } = new URL(server.url);
    const socket = createConnection(Number(port), hostname);
    await once(socket, "connect");
    const closed = once(socket, "close");
    await server[Symbol.asyncDispose]();
    await closed;
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow("fetch failed");
  });
});

test.each([
  ["127.0.0.1", "http://127.0.0.1:80"],
  ["localhost", "http://localhost:80"],
  ["::1", "http://[::1]:80"],
])("the URL of a server on %s is %s", (host, url) => {
  expect(healthUrl(host, 80)).toBe(url);
});
