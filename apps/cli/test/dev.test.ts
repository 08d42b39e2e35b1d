import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Mesh } from "@umbel/client";
import { eventually, freePort } from "@umbel/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder, type TemporaryFolder } from "./helpers/temporary-folder.ts";
import { startUmbel, type RunningUmbel } from "./helpers/umbel.ts";

const UMBEL = JSON.stringify(new URL("../../../packages/worker/src/index.ts", import.meta.url).href);

let folder: TemporaryFolder;
let dev: RunningUmbel;
let mesh: Mesh;
let port: number;

beforeAll(async () => {
  folder = await temporaryFolder();
  port = await freePort();
  await save("greeting.ts", `export const greeting: string = "hello";`);
  await save("handlers.ts", HANDLERS);
  // The real server of the project: not to be touched.
  await save(
    "umbel.config.ts",
    `export default { servers: "nats://127.0.0.1:1", mesh: "shop", token: "secret" };`,
  );
  const env = { UMBEL_SERVER: "nats://127.0.0.1:2", UMBEL_USER: "ada" };
  dev = startUmbel(["dev", "handlers.ts", "--port", String(port)], { cwd: folder.path, env });
  await dev.says("worker.started");
  mesh = await connect({ servers: `nats://127.0.0.1:${port}`, mesh: "shop" });
});

afterAll(async () => {
  await mesh?.close();
  await dev?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const HANDLERS = `
import { defineTask, handle } from ${UMBEL};
import { greeting } from "./greeting.ts";
export const greet = handle(defineTask<string>({ name: "greet" }), (name) => greeting + " " + name);
`;

// As editors do: never half a file.
async function save(name: string, text: string): Promise<void> {
  await writeFile(join(folder.path, `.${name}.new`), text);
  await rename(join(folder.path, `.${name}.new`), join(folder.path, name));
}

async function greet(): Promise<unknown> {
  const run = await mesh.enqueueByName("greet", "ada");
  return run.result({ timeout: "20s" });
}

/** How often `text` was written. */
function count(text: string): number {
  return (dev.out + dev.err).split(text).length - 1;
}

describe("umbel dev", () => {
  test("runs a server and a worker, whatever is said of the real server", async () => {
    expect(dev.err).toContain(`nats-server `);
    expect(await greet()).toBe("hello ada");
  });

  test("starts the worker anew when what a module imports is saved, and shows what is wrong with it", async () => {
    await save("greeting.ts", `export const greeting: string = (;`);
    await dev.says("greeting.ts has changed: starting anew");
    await dev.says("export const greeting: string = (;\n                                 ^");
    await dev.says("the worker has ended with code 2: waiting for a change");
    expect(dev.err).not.toMatch(/^\s+at .*node:/m);
    const waiting = await mesh.enqueueByName("greet", "ada");
    await save("greeting.ts", `export const greeting: string = "hola";`);
    expect(await waiting.result({ timeout: "20s" })).toBe("hola ada");
  });

  test("recovers when a file comes to be that was imported in vain", async () => {
    await save("handlers.ts", HANDLERS.replace("./greeting.ts", "./spanish.ts"));
    await eventually("it fails", () => count("ended with code 2") === 2);
    await save("spanish.ts", `export const greeting = "buenos dias";`);
    expect(await greet()).toBe("buenos dias ada");
  });

  test("stops everything at Ctrl-C", async () => {
    dev.signal("SIGINT");
    const { code } = await dev.finished;
    expect(code).toBe(0);
    expect(count(`"event":"worker.started"`)).toBe(count(`"event":"worker.stopped"`));
    const gone = connect({ servers: `nats://127.0.0.1:${port}` });
    await expect(gone).rejects.toMatchObject({ code: "cannot_connect" });
  });
});
