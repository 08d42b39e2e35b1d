import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { connect } from "@umbel/client";
import { freePort } from "@umbel/runtime";
import { expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";
import { startUmbel, umbel } from "./helpers/umbel.ts";

test("a server is ready when it says so, keeps its data in the project, and is gone after Ctrl-C", async () => {
  await using folder = await temporaryFolder();
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  await using server = startUmbel(["server", "--port", String(port)], { cwd: folder.path });
  await server.says("nats-server is ready");
  expect(server.out).toContain(url);
  expect(server.out).toContain("./.umbel/nats");
  expect(await readFile(join(folder.path, ".umbel/.gitignore"), "utf8")).toBe("*\n");
  const mesh = await connect({ servers: url });
  const { id } = await mesh.enqueueByName("math.add", [1]);
  await mesh.close();

  server.signal("SIGINT");
  expect(await server.finished).toMatchObject({ code: 0, err: expect.stringContaining("stopped by SIGINT") });
  await expect(connect({ servers: url })).rejects.toThrow("connection refused");

  await using again = startUmbel(["server", "--port", String(port)], { cwd: folder.path });
  await again.says("nats-server is ready");
  const result = await umbel(["result", id, "--server", url]);
  expect(result).toMatchObject({ code: 0, out: expect.stringMatching(/state +queued/) });
  again.signal("SIGTERM");
  expect((await again.finished).code).toBe(0);
});

test("for programs one line of JSON says where it is, with its settings", async () => {
  await using folder = await temporaryFolder();
  const store = join(folder.path, "data");
  const args = ["server", "--port", "0", "--monitor", "0", "--store", store, "--sync", "always", "--json"];
  await using server = startUmbel(args);
  await server.says("\n");
  await server.says("storeDir");
  const facts = parseLine(server.out);
  expect(facts).toMatchObject({
    url: `nats://127.0.0.1:${String(facts["port"])}`,
    storeDir: store,
    sync: "always",
  });
  const varz: unknown = await (await fetch(`${String(facts["monitorUrl"])}/varz`)).json();
  expect(varz).toMatchObject({ jetstream: { config: { sync_always: true } } });
  server.signal("SIGTERM");
  expect(await server.finished).toMatchObject({ code: 0, out: server.out });
});

test("a port that is taken is told by its flag", async () => {
  await using folder = await temporaryFolder();
  const other = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  other.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    const { code, err } = await umbel(["server", "--port", String(port)], { cwd: folder.path });
    expect(code).toBe(1);
    expect(err).toContain(`error: port ${port} of 127.0.0.1 is already in use`);
    expect(err).toContain("--port");
    const free = String(await freePort());
    const monitored = await umbel(["server", "--port", free, "--monitor", String(port)], {
      cwd: folder.path,
    });
    expect(monitored.err).toMatch(/already in use: .* by --monitor/);
  } finally {
    other.close();
  }
});

test("a store that is in use is told by its flag", async () => {
  await using folder = await temporaryFolder();
  await using first = startUmbel(["server", "--port", "0", "--json"], { cwd: folder.path });
  await first.says("storeDir");
  const { code, err } = await umbel(["server", "--port", "0"], { cwd: folder.path });
  expect(code).toBe(1);
  expect(err).toMatch(/--store: .* is in use by the nats-server with process id \d+/);
});

test("a server that dies is a failure that names its log", async () => {
  await using folder = await temporaryFolder();
  await using server = startUmbel(["server", "--port", "0", "--json"], { cwd: folder.path });
  await server.says("storeDir");
  process.kill(Number(parseLine(server.out)["pid"]), "SIGKILL");
  const { code, err } = await server.finished;
  expect(code).toBe(1);
  expect(err).toMatch(/"message":"nats-server ended by SIGKILL. Its log is .*nats-server\.log"/);
});
