import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { applyConfig } from "./apply-config.ts";

const folder = mkdtempSync(join(tmpdir(), "umbel-apply-"));
const config = {
  servers: "nats://real:4222",
  mesh: "shop",
  token: "t",
  concurrency: 7,
  threads: 2,
  modules: ["m.ts"],
};
writeFileSync(join(folder, "umbel.config.mjs"), `export default ${JSON.stringify(config)};`);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the flags of the command at `path` are, with `args` on its command line. */
async function flagsOf(path: readonly string[], ...args: readonly string[]): Promise<object> {
  const root = new Command("umbel").exitOverride();
  const command = path.reduce((parent, name) => parent.command(name), root);
  for (const name of ["server", "mesh", "token", "config", "concurrency", "threads"])
    command.option(`--${name} <x>`);
  command.action(() => undefined);
  await root.parseAsync([...path, ...args], { from: "user" });
  await applyConfig(command, { env: {}, cwd: folder });
  const { config: _, ...flags } = command.opts();
  return flags;
}

const SERVER = { server: "nats://real:4222", mesh: "shop", token: "t" };

test("workers take all of the configuration, flags come before it", async () => {
  const modules = [join(folder, "m.ts")];
  expect(await flagsOf(["worker"], "--threads", "9")).toEqual({
    ...SERVER,
    concurrency: 7,
    threads: "9",
    modules,
  });
});

test("what tells a running worker something is not told what new ones begin with", async () => {
  expect(await flagsOf(["workers", "resize"], "--threads", "9")).toEqual({ ...SERVER, threads: "9" });
  expect(await flagsOf(["control", "worker"])).toEqual(SERVER);
});

test("a server for development is never the real one", async () => {
  expect(await flagsOf(["dev"])).not.toHaveProperty("server");
  // Nor are its users told to another.
  expect(await flagsOf(["dev"], "--server", "nats://other")).toMatchObject({
    server: "nats://other",
    mesh: "shop",
  });
  expect(await flagsOf(["dev"], "--server", "nats://other")).not.toHaveProperty("token");
});
