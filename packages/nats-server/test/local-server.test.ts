import { access, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { freePort } from "@umbel/runtime";
import { describe, expect, test } from "vitest";
import { type LocalServer, startServer } from "../src/index.ts";
import { storeMessage, storedMessages } from "./helpers/nats-request.ts";
import { guardsOf, isRunning } from "./helpers/processes.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function monitored(server: LocalServer, page: string): Promise<Record<string, unknown>> {
  const value: unknown = await (await fetch(`${server.monitorUrl}/${page}`)).json();
  return Object(value);
}

describe("a running server", () => {
  test("has JetStream, its own process id and a log", async () => {
    await using server = await startServer({ monitor: true });
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
    await storeMessage(server.port);
    expect(await storedMessages(server.port)).toBe(1);
    expect(await readFile(join(server.storeDir, "nats-server.pid"), "utf8")).toBe(String(server.pid));
    expect(await readFile(server.logFile, "utf8")).toContain("Server is ready");
    const settings = await monitored(server, "varz");
    expect(settings).toMatchObject({
      host: "127.0.0.1",
      http_host: "127.0.0.1",
      server_name: server.name,
      version: server.version,
      max_payload: 8 * 1024 * 1024,
      max_pending: 256 * 1024 * 1024,
      jetstream: { config: { sync_interval: 1_000_000_000 } },
    });
  });

  test("takes its settings from the options, and folders with any name", async () => {
    await using folder = await temporaryFolder();
    const storeDir = join(folder.path, 'a "quoted" \\ näme');
    const [port, monitor] = [await freePort(), await freePort()];
    const options = { port, monitor, storeDir, serverName: "mine", syncInterval: "always" };
    await using server = await startServer({ ...options, extraConfig: "max_payload: 1MB" });
    expect(server).toMatchObject({ port, name: "mine", storeDir, monitorUrl: `http://127.0.0.1:${monitor}` });
    expect(await monitored(server, "varz")).toMatchObject({
      server_name: "mine",
      max_payload: 1024 * 1024,
      jetstream: { config: { sync_always: true, store_dir: join(storeDir, "jetstream") } },
    });
  });

  test("is ready also when clients must show credentials", async () => {
    const extraConfig = "authorization { user: a, password: b }";
    await using server = await startServer({ extraConfig });
    expect(await isRunning(server.pid)).toBe(true);
  });

  test("is known to have ended when something else kills it", async () => {
    await using server = await startServer();
    process.kill(server.pid, "SIGKILL");
    expect(await server.exited).toEqual({ code: undefined, signal: "SIGKILL", requested: false });
    expect(await guardsOf(process.pid)).toEqual([]);
  });
});

describe("stop, kill and restart", () => {
  test("stop ends the server and its guard, and removes a temporary store", async () => {
    const server = await startServer();
    expect(await guardsOf(process.pid)).toHaveLength(1);
    await Promise.all([server.stop(), server.stop()]);
    expect(await server.exited).toEqual({ code: 0, signal: undefined, requested: true });
    expect(await isRunning(server.pid)).toBe(false);
    expect(await guardsOf(process.pid)).toEqual([]);
    expect(await exists(server.storeDir)).toBe(false);
    await server.stop();
  });

  test("a restart keeps the port and the store, after a kill, a stop and neither", async () => {
    await using server = await startServer();
    const { port, pid } = server;
    await storeMessage(port);

    await server.kill();
    expect(await server.exited).toMatchObject({ signal: "SIGKILL", requested: true });
    expect(await isRunning(pid)).toBe(false);
    await server.restart();
    expect(await storedMessages(port)).toBe(1);

    await server.stop({ keepStore: true });
    await server.restart();
    expect(await storedMessages(port)).toBe(1);

    const before = server.pid;
    await server.restart();
    expect(server.pid).not.toBe(before);
    expect(await isRunning(before)).toBe(false);
    expect(await storedMessages(port)).toBe(1);
  });

  test("a temporary store that was removed starts empty", async () => {
    await using server = await startServer();
    await storeMessage(server.port);
    await server.stop();
    await server.restart();
    expect(await storedMessages(server.port)).toBeUndefined();
  });

  test("a store that was given is kept, also for another server", async () => {
    await using folder = await temporaryFolder();
    const storeDir = join(folder.path, "deep", "store");
    const first = await startServer({ storeDir });
    await storeMessage(first.port);
    await first.stop();
    await using second = await startServer({ storeDir });
    expect(await storedMessages(second.port)).toBe(1);
    expect(await readFile(join(storeDir, "nats-server.previous.log"), "utf8")).toContain("Server Exiting");
  });

  test("a kill does not wait for a stop", async () => {
    const server = await startServer();
    await Promise.all([server.stop(), server.kill()]);
    expect(await server.exited).toMatchObject({ requested: true });
  });
});

describe("a server that cannot start", () => {
  test("names the port that is taken", async () => {
    const other = createServer();
    const port = await freePort();
    const { promise, resolve } = Promise.withResolvers<void>();
    other.listen(port, "127.0.0.1", () => resolve());
    await promise;
    try {
      await expect(startServer({ port })).rejects.toMatchObject({
        code: "server_failed",
        message: `Port ${port} of 127.0.0.1 is already in use. Choose another port, leave it out for a free one, or stop what listens there.`,
      });
    } finally {
      other.close();
    }
  });

  test("tells what it said of its configuration", async () => {
    await expect(startServer({ extraConfig: "no_such_setting: 1" })).rejects.toMatchObject({
      code: "server_failed",
      message: expect.stringMatching(/it ended with code 1\. .*extraConfig.*no_such_setting/s),
    });
    expect(await guardsOf(process.pid)).toEqual([]);
  });

  test("names a store that another server uses, by whatever path", async () => {
    await using folder = await temporaryFolder();
    const storeDir = join(folder.path, "store");
    await mkdir(storeDir);
    await symlink(storeDir, join(folder.path, "link"));
    await using first = await startServer({ storeDir });
    await expect(startServer({ storeDir: join(folder.path, "link") })).rejects.toMatchObject({
      code: "server_failed",
      message: `storeDir: ${storeDir} is in use by the nats-server with process id ${first.pid}. Stop that one, or give another storeDir.`,
    });
  });

  test("names a store that cannot be made", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "file");
    await writeFile(file, "");
    for (const storeDir of [join(file, "store"), "/proc/umbel/store"]) {
      await expect(startServer({ storeDir })).rejects.toMatchObject({
        code: "server_failed",
        message: expect.stringContaining(`storeDir: the folder ${storeDir} cannot be made`),
      });
    }
  });

  test("is ended when it does not become ready in time, or when that is no longer wanted", async () => {
    // A cluster of one never finds a leader, so its JetStream never answers.
    const extraConfig = `cluster { name: "lonely", listen: "127.0.0.1:${await freePort()}", routes: ["nats://127.0.0.1:${await freePort()}"] }`;
    await expect(startServer({ extraConfig, startTimeoutMs: 300 })).rejects.toMatchObject({
      code: "server_failed",
      message: expect.stringMatching(/it was not ready within 300 ms, because JetStream does not answer/),
    });
    const signal = AbortSignal.timeout(300);
    await expect(startServer({ extraConfig, signal })).rejects.toMatchObject({ name: "TimeoutError" });
    expect(signal.aborted).toBe(true);
    expect(await guardsOf(process.pid)).toEqual([]);
  });

  test("is not mistaken for another that has its port", async () => {
    await using first = await startServer();
    await expect(startServer({ port: first.port })).rejects.toMatchObject({ code: "server_failed" });
    expect(await isRunning(first.pid)).toBe(true);
  });
});
