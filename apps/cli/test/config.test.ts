import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "./helpers/parse.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";
import { startUmbel, umbel } from "./helpers/umbel.ts";

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
    ["export default { maxRunsPerThread: 0 };", /umbel\.config\.ts: maxRunsPerThread: expected a whole/],
    ["export const config = {};", /umbel\.config\.ts: expected a default export/],
    ["throw new RangeError('boom');", /umbel\.config\.ts cannot be loaded: RangeError: boom/],
    ["export default {", /umbel\.config\.ts cannot be loaded: SyntaxError/],
    ["import 'nowhere';", /cannot be loaded: .*'nowhere'/],
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
