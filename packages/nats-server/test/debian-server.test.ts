import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { debianMirrors } from "../src/find/debian/debian-mirrors.ts";
import { findServerOn } from "../src/find/find-server.ts";
import type { ServerBinary } from "../src/find/search.ts";
import { thisMachine } from "../src/find/machine.ts";
import { unpackDebByAr } from "../src/find/download/unpack-archive.ts";
import { requireCommand } from "../src/run-command.ts";
import { isSupported } from "../src/server-version.ts";
import { writeFakeServer } from "./helpers/fake-server.ts";
import { serveFiles } from "./helpers/file-server.ts";
import { type TemporaryFolder, temporaryFolder } from "./helpers/temporary-folder.ts";
import { testMachine } from "./helpers/test-machine.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function aptDirFor(url: string): Promise<string> {
  const aptDir = join(folder.path, "apt");
  await mkdir(aptDir);
  await writeFile(join(aptDir, "sources.list"), `deb ${url}/debian trixie main\n`);
  return aptDir;
}

test("the package comes from this machine's own mirror, where it has one", async () => {
  const { aptDir, platform } = thisMachine();
  const hasMirror = platform === "linux" && (await debianMirrors(aptDir)).length > 0;
  const finding = findServerOn(await testMachine({ aptDir }), { cacheDir: folder.path });
  const outcome = await finding.then(describeFound, String);
  expect(outcome).toMatch(
    hasMirror ? FROM_MIRROR : /Debian package: (no Debian mirror in|there is none for) /,
  );
});

const FROM_MIRROR = /^debian: a supported nats-server in the cache that runs$/;

async function describeFound({ path, version, source }: ServerBinary): Promise<string> {
  const runs = (await requireCommand(path, ["--version"])).includes(version);
  const supported = isSupported(version) ? "a supported" : "an old";
  const place = path === join(folder.path, version, "nats-server") ? "the cache" : path;
  return `${source}: ${supported} nats-server in ${place} that ${runs ? "runs" : "does not run"}`;
}

test("a mirror whose files are not signed by Debian is refused", async () => {
  await using files = await serveFiles(
    Object.fromEntries(
      ["forky", "testing", "sid"].flatMap((suite) => [
        [`/debian/dists/${suite}/Release`, "Origin: Debian\nSHA256:\n"],
        [
          `/debian/dists/${suite}/Release.gpg`,
          "-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n",
        ],
      ]),
    ),
  );
  const aptDir = await aptDirFor(files.url);
  const machine = await testMachine({ platform: "linux", arch: "x64", aptDir });
  await expect(findServerOn(machine, { cacheDir: join(folder.path, "cache") })).rejects.toThrow(
    /\/debian sid: (its list of files has no good signature by Debian: not used|Debian's keys are not in|there is neither gpgv nor sqv)/,
  );
  expect(files.requested.filter((path) => !/\/Release(\.gpg)?$/.test(path))).toEqual([]);
});

test("without Debian's keys nothing is used", async () => {
  await using files = await serveFiles({
    "/debian/dists/forky/Release": "Origin: Debian\n",
    "/debian/dists/forky/Release.gpg": "",
  });
  const aptDir = await aptDirFor(files.url);
  const machine = await testMachine({
    platform: "linux",
    arch: "x64",
    aptDir,
    keyrings: ["/nowhere/keys.gpg"],
  });
  await expect(findServerOn(machine, { cacheDir: join(folder.path, "cache") })).rejects.toThrow(
    /forky: Debian's keys are not in \/nowhere\/keys\.gpg\n.*testing: .*\/Release answered with status 404/,
  );
});

test("a package is unpacked without dpkg too", async () => {
  const [tree, target] = [join(folder.path, "tree"), join(folder.path, "target")];
  await writeFakeServer(join(tree, "usr", "sbin", "nats-server"), "2.15.1");
  await writeFile(join(folder.path, "debian-binary"), "2.0\n");
  await mkdir(target);
  await requireCommand("tar", ["-czf", "data.tar.gz", "-C", tree, "."], { cwd: folder.path });
  await requireCommand("ar", ["rc", "package.deb", "debian-binary", "data.tar.gz"], { cwd: folder.path });
  const archive = join(folder.path, "package.deb");
  const unpacked = await unpackDebByAr({ archive, member: "./usr/sbin/nats-server", folder: target });
  expect(await requireCommand(unpacked, ["--version"])).toContain("2.15.1");
});
