import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@umbel/client";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";
import { startUmbel, umbel, type Finished } from "./helpers/umbel.ts";

const PROJECT = new URL("./fixtures/project/", import.meta.url).pathname;

let server: LocalServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server?.stop();
});

describe("umbel.config.ts", () => {
  test("says which mesh, modules and sizes; flags and variables come before it", async () => {
    const env = { TEST_SERVER: server.url };
    await using worker = startUmbel(["worker", "--concurrency", "9"], { cwd: PROJECT, env });
    await worker.says("worker.started");
    const started = worker.out.split("\n").find((line) => line.includes("worker.started")) ?? "";
    expect(parseLine(started)).toMatchObject({
      mesh: "configured",
      queues: ["crashes", "default"],
      slots: 9,
      threads: 1,
    });
    const called = await umbel(["call", "math.add", "--input", "[1,2]", "--wait"], { cwd: PROJECT, env });
    expect(called).toMatchObject({ code: 0, out: "3\n" });
    const other = await umbel(["doctor", "--json"], { cwd: PROJECT, env: { ...env, UMBEL_MESH: "other" } });
    expect(parseLine(other.out)).toMatchObject({ mesh: "other", servers: server.url });
  });

  test("tells umbel call where the runs of a task wait", async () => {
    const env = { TEST_SERVER: server.url };
    const call = (...args: readonly string[]): Promise<Finished> =>
      umbel(["call", ...args], { cwd: PROJECT, env });
    await using mesh = await connect({ servers: server.url, mesh: "configured" });
    await call("crash", "--id", "own-queue");
    expect(await mesh.run("own-queue").info()).toMatchObject({ queue: "crashes" });
    await call("crash", "--id", "elsewhere", "--queue", "other", "--delay", "1h");
    expect(await mesh.run("elsewhere").info()).toMatchObject({ queue: "other" });
    const misspelt = await call("crsh", "--id", "nowhere");
    expect(misspelt.code).toBe(0);
    expect(misspelt.err).toContain(
      'no module of umbel.config.ts handles the task "crsh". Did you mean "crash"?',
    );
  });

  test("whose modules cannot be loaded: umbel call does not guess", async () => {
    await using folder = await temporaryFolder();
    const config = `export default { servers: "${server.url}", mesh: "broken", modules: ["./broken.mjs"] };`;
    await writeFile(join(folder.path, "umbel.config.mjs"), config);
    await writeFile(join(folder.path, "broken.mjs"), "throw new Error('out of order');");
    const { code, err } = await umbel(["call", "a"], { cwd: folder.path });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(
        /cannot be loaded: out of order\. --queue names the queue without them\.\n$/,
      ),
    });
    expect((await umbel(["call", "a", "--queue", "b"], { cwd: folder.path })).code).toBe(0);
  });

  test("is looked for upwards, and another may be named", async () => {
    await using folder = await temporaryFolder();
    const inner = join(folder.path, "a", "b");
    await mkdir(inner, { recursive: true });
    const config = `export default { mesh: "outer" satisfies string, servers: ["${server.url}"] };`;
    await writeFile(join(folder.path, "umbel.config.ts"), config);
    await writeFile(join(inner, "mine.mjs"), `export default { mesh: "mine", servers: "${server.url}" };`);
    const found = await umbel(["doctor", "--json"], { cwd: inner });
    expect(parseLine(found.out)).toMatchObject({ mesh: "outer" });
    const named = await umbel(["doctor", "--json"], { cwd: inner, env: { UMBEL_CONFIG: "mine.mjs" } });
    expect(parseLine(named.out)).toMatchObject({ mesh: "mine" });
  });

  test.each([
    ["export default { concurency: 1 };", /^error: umbel\.config\.ts: there is no field "concurency"/],
    ["throw new RangeError('boom');", /umbel\.config\.ts cannot be loaded: RangeError: boom/],
    ["export default {", /umbel\.config\.ts cannot be loaded: SyntaxError/],
  ])("that says %j is refused with 2", async (text, message) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "umbel.config.ts"), text);
    const { code, out, err } = await umbel(["runs"], { cwd: folder.path });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("a worker that is told no modules says where to name them", async () => {
    await using folder = await temporaryFolder();
    const { code, err } = await umbel(["worker", "--json"], { cwd: folder.path });
    expect(code).toBe(2);
    expect(parseLine(err)).toMatchObject({
      error: { message: expect.stringContaining("Name them here, or as modules in umbel.config.ts.") },
    });
  });
});
