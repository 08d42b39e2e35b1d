import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findServerOn } from "../src/find/find-server.ts";
import { requireCommand } from "../src/run-command.ts";
import { RELEASE_VERSION } from "../src/server-version.ts";
import { type FileServer, serveFiles } from "./helpers/file-server.ts";
import { ARCHIVE_PATH, CHECKSUMS_PATH, checksums, releaseArchive } from "./helpers/release-files.ts";
import { type TemporaryFolder, temporaryFolder } from "./helpers/temporary-folder.ts";
import { testMachine } from "./helpers/test-machine.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function findFrom(files: FileServer, told: string[] = []): ReturnType<typeof findServerOn> {
  const machine = await testMachine({ platform: "linux", arch: "x64", releasesUrl: files.url });
  return findServerOn(machine, { cacheDir: folder.path, onProgress: (message) => told.push(message) });
}

const installed = (): string => join(folder.path, RELEASE_VERSION, "nats-server");

test("the release is verified, installed in the cache and found there the next time", async () => {
  const archive = await releaseArchive();
  await using files = await serveFiles({ [ARCHIVE_PATH]: archive, [CHECKSUMS_PATH]: checksums(archive) });
  const told: string[] = [];
  expect(await findFrom(files, told)).toEqual({
    path: installed(),
    version: RELEASE_VERSION,
    source: "release",
  });
  expect(told).toContain(`downloading ${files.url}${ARCHIVE_PATH} (0.0 MB)`);
  expect(told).toContain(`installed nats-server ${RELEASE_VERSION} as ${installed()}`);
  expect(await findFrom(files)).toEqual({ path: installed(), version: RELEASE_VERSION, source: "cache" });
  expect(files.requested).toEqual([CHECKSUMS_PATH, ARCHIVE_PATH]);
});

test.each<[string, (archive: Buffer) => Record<string, string | Buffer>, RegExp]>([
  [
    "has another checksum",
    (archive) => ({
      [ARCHIVE_PATH]: Buffer.concat([archive, Buffer.from([0])]),
      [CHECKSUMS_PATH]: checksums(archive),
    }),
    /official release: the SHA-256 of .* is [0-9a-f]{64}, but [0-9a-f]{64} is published: not used/,
  ],
  [
    "has no checksums",
    (archive) => ({ [ARCHIVE_PATH]: archive }),
    /official release: .*\/SHA256SUMS answered with status 404/,
  ],
  [
    "is not listed in the checksums",
    (archive) => ({ [ARCHIVE_PATH]: archive, [CHECKSUMS_PATH]: `${"0".repeat(64)}  other.tar.gz\n` }),
    /official release: .*\/SHA256SUMS does not list nats-server-v.*-linux-amd64\.tar\.gz: not used/,
  ],
])("a release that %s is refused and leaves nothing behind", async (_, filesFor, reason) => {
  await using files = await serveFiles(filesFor(await releaseArchive()));
  await expect(findFrom(files)).rejects.toThrow(reason);
  expect(await readdir(folder.path)).toEqual([]);
});

test("a release that does not run here is refused and leaves nothing behind", async () => {
  const archive = await releaseArchive("2.1.0");
  await using files = await serveFiles({ [ARCHIVE_PATH]: archive, [CHECKSUMS_PATH]: checksums(archive) });
  await expect(findFrom(files)).rejects.toThrow("what was downloaded does not run here");
  expect(await readdir(folder.path)).toEqual([]);
});

test("processes that install at the same time all end with a whole server", async () => {
  const archive = await releaseArchive();
  await using files = await serveFiles({ [ARCHIVE_PATH]: archive, [CHECKSUMS_PATH]: checksums(archive) });
  const script = new URL("helpers/find-in-process.ts", import.meta.url);
  const processes = Array.from({ length: 4 }, () =>
    fork(script, [files.url, folder.path], { execArgv: ["--conditions=source"] }),
  );
  const within = Array.from({ length: 6 }, () => findFrom(files));
  const found = await Promise.all(within);
  const foundElsewhere = await Promise.all(processes.map(async (child) => (await once(child, "message"))[0]));
  for (const server of [...found, ...foundElsewhere]) {
    expect(server).toMatchObject({ path: installed(), version: RELEASE_VERSION });
  }
  expect(await requireCommand(installed(), ["--version"])).toContain(RELEASE_VERSION);
  expect(await readdir(folder.path)).toEqual([RELEASE_VERSION]);
});
