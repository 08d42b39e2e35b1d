import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findServerOn } from "../src/find/find-server.ts";
import { writeFakeServer } from "./helpers/fake-server.ts";
import { type TemporaryFolder, temporaryFolder } from "./helpers/temporary-folder.ts";
import { testMachine } from "./helpers/test-machine.ts";

let folder: TemporaryFolder;
const at = (...names: readonly string[]): string => join(folder.path, ...names);
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

describe("the order of finding", () => {
  async function withEverything(): Promise<Record<string, string>> {
    await writeFakeServer(at("option"), "2.15.9");
    await writeFakeServer(at("variable"), "2.15.8");
    await writeFakeServer(at("bin", "nats-server"), "2.15.7");
    await writeFakeServer(at("cache", "2.14.6", "nats-server"), "2.14.6");
    await writeFakeServer(at("cache", "2.15.0", "nats-server"), "2.15.0");
    return { UMBEL_NATS_SERVER: at("variable"), PATH: at("bin") };
  }

  test("a path that is given comes first", async () => {
    const machine = await testMachine({ env: await withEverything() });
    const found = await findServerOn(machine, { path: at("option"), cacheDir: at("cache") });
    expect(found).toEqual({ path: at("option"), version: "2.15.9", source: "option" });
  });

  test("then the environment variable", async () => {
    const machine = await testMachine({ env: await withEverything() });
    const found = await findServerOn(machine, { cacheDir: at("cache") });
    expect(found).toEqual({ path: at("variable"), version: "2.15.8", source: "environment" });
  });

  test("then the folders of PATH", async () => {
    const machine = await testMachine({ env: { ...(await withEverything()), UMBEL_NATS_SERVER: "" } });
    const found = await findServerOn(machine, { cacheDir: at("cache") });
    expect(found).toEqual({ path: at("bin", "nats-server"), version: "2.15.7", source: "path" });
  });

  test("then the newest of the cache", async () => {
    await withEverything();
    const machine = await testMachine({ env: {} });
    const found = await findServerOn(machine, { cacheDir: at("cache") });
    expect(found).toEqual({ path: at("cache", "2.15.0", "nats-server"), version: "2.15.0", source: "cache" });
  });

  test("the cache is in XDG_CACHE_HOME, or else in the home folder", async () => {
    const xdg = await writeFakeServer(at("xdg", "umbel", "nats-server", "2.15.1", "nats-server"), "2.15.1");
    const home = await writeFakeServer(
      at(".cache", "umbel", "nats-server", "2.15.1", "nats-server"),
      "2.15.1",
    );
    const homeDir = folder.path;
    const withXdg = await testMachine({ homeDir, env: { XDG_CACHE_HOME: at("xdg") } });
    expect((await findServerOn(withXdg, {})).path).toBe(xdg);
    const without = await testMachine({ homeDir, env: { XDG_CACHE_HOME: "relative" } });
    expect((await findServerOn(without, {})).path).toBe(home);
  });
});

describe("a server that is not usable", () => {
  test("is passed over in PATH, and that is told", async () => {
    await writeFakeServer(at("old", "nats-server"), "2.10.3");
    await writeFakeServer(at("new", "nats-server"), "2.14.5");
    const machine = await testMachine({ env: { PATH: [at("old"), at("new")].join(delimiter) } });
    expect(await findServerOn(machine, { cacheDir: at("cache") })).toMatchObject({ version: "2.14.5" });

    const told: string[] = [];
    const onlyOld = await testMachine({ env: { PATH: at("old") } });
    await writeFakeServer(at("cache", "2.15.0", "nats-server"), "2.15.0");
    const onProgress = (message: string): number => told.push(message);
    const found = await findServerOn(onlyOld, { cacheDir: at("cache"), onProgress });
    expect(found.source).toBe("cache");
    expect(told.join("\n")).toContain(
      `${at("old", "nats-server")} is version 2.10.3, needed is 2.14.5 or later`,
    );
  });

  test("is an error when it was asked for and is too old", async () => {
    const old = await writeFakeServer(at("old"), "2.10.3");
    const byPath = findServerOn(await testMachine({}), { path: old });
    await expect(byPath).rejects.toMatchObject({
      code: "unsupported_server",
      message: expect.stringContaining("is version 2.10.3, needed is 2.14.5 or later"),
      details: { field: "path", version: "2.10.3", needed: "2.14.5" },
    });
    const byVariable = findServerOn(await testMachine({ env: { UMBEL_NATS_SERVER: old } }), {});
    await expect(byVariable).rejects.toMatchObject({
      code: "unsupported_server",
      message: expect.stringMatching(/^UMBEL_NATS_SERVER: /),
    });
  });

  test("is an error when it was asked for and is not there or is something else", async () => {
    const machine = await testMachine({});
    await expect(findServerOn(machine, { path: at("none") })).rejects.toMatchObject({
      code: "server_missing",
      message: expect.stringContaining(`there is no file ${at("none")}`),
    });
    await writeFile(at("text"), "no program");
    await chmod(at("text"), 0o644);
    await expect(findServerOn(machine, { path: at("text") })).rejects.toMatchObject({
      code: "server_missing",
      message: expect.stringContaining("cannot be run"),
    });
    await writeFile(at("other"), "#!/bin/sh\necho hello\nexit 3\n", { mode: 0o755 });
    await expect(findServerOn(machine, { path: at("other") })).rejects.toMatchObject({
      code: "server_missing",
      message: expect.stringContaining("gave no version, it said: hello"),
    });
  });
});

describe("when nothing is found", () => {
  test("the error lists what was tried, why it failed and what to do", async () => {
    await writeFakeServer(at("bin", "nats-server"), "2.10.3");
    const machine = await testMachine({ platform: "linux", arch: "x64", env: { PATH: at("bin") } });
    const { code, message } = await findServerOn(machine, { cacheDir: at("cache") }).then(
      () => expect.unreachable("nothing can be found"),
      (error: unknown) => Object(error),
    );
    expect(code).toBe("server_missing");
    expect(message).toMatch(/- PATH: .* is version 2\.10\.3/);
    expect(message).toContain(`- cache: nothing in ${at("cache")}`);
    expect(message).toMatch(/- official release: 127\.0\.0\.1:\d+ cannot be reached: connect ECONNREFUSED/);
    expect(message).toContain("- Debian package: no Debian mirror in /nowhere/sources.list");
    expect(message).toContain(
      "Install nats-server >= 2.14.5, or set UMBEL_NATS_SERVER=/path/to/nats-server.",
    );
  });

  test("nothing is downloaded when that is switched off", async () => {
    await expect(
      findServerOn(await testMachine({}), { cacheDir: at("cache"), download: false }),
    ).rejects.toThrow(/- download: switched off\nInstall/);
  });

  test("other platforms are told to install it by hand", async () => {
    const machine = await testMachine({ platform: "win32", arch: "x64" });
    await expect(findServerOn(machine, { cacheDir: at("cache") })).rejects.toThrow(
      "official release: it is not downloaded for win32 on x64, install nats-server by hand",
    );
  });

  test("an abort is not a reason to try the next way", async () => {
    const machine = await testMachine({});
    const controller = new AbortController();
    const onProgress = (message: string): void => {
      if (message.startsWith("downloading")) controller.abort(new Error("no more"));
    };
    const finding = findServerOn(machine, { cacheDir: at("cache"), onProgress, signal: controller.signal });
    await expect(finding).rejects.toThrow("no more");
  });
});
