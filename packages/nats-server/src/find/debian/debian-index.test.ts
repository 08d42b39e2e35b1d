import { expect, test } from "vitest";
import { debianArchitecture, findPackage, packageList } from "./debian-index.ts";

const release = (byHash: string, files: readonly string[]): string =>
  `Origin: Debian\nSuite: testing\nAcquire-By-Hash: ${byHash}\nMD5Sum:\n ${"0".repeat(32)} 9 main/binary-amd64/Packages.gz\nSHA256:\n${files
    .map((file, index) => ` ${String(index + 1).repeat(64)}  123 ${file}\n`)
    .join("")}`;

const FILES = [
  "main/binary-amd64/Packages",
  "main/binary-amd64/Packages.gz",
  "main/binary-amd64/Packages.xz",
];

test("the list of packages is the gzipped one, by its hash where the mirror has that", () => {
  const sha256 = "2".repeat(64);
  expect(packageList(release("yes", FILES), "amd64")).toEqual({
    compression: "gzip",
    sha256,
    path: `main/binary-amd64/by-hash/SHA256/${sha256}`,
  });
  expect(packageList(release("no", FILES), "amd64")?.path).toBe("main/binary-amd64/Packages.gz");
});

test("without gzip it is the one with xz, for another architecture none", () => {
  const onlyXz = release(
    "no",
    FILES.filter((file) => !file.endsWith(".gz")),
  );
  expect(packageList(onlyXz, "amd64")).toMatchObject({ compression: "xz", sha256: "2".repeat(64) });
  expect(packageList(onlyXz, "arm64")).toBeUndefined();
});

const entry = (name: string, fields: string): string => `Package: ${name}\n${fields}\n`;
const WHOLE = "Version: 2.15.1-1\nDescription: a server\n of messages\nFilename: pool/n.deb\nSHA256: abc";

test.each([
  ["first", [entry("nats-server", WHOLE), entry("other", "Version: 1")]],
  ["between", [entry("a", "Version: 1"), entry("nats-server", WHOLE), entry("z", "Version: 1")]],
  ["last", [entry("a", "Version: 1"), entry("nats-server", WHOLE)]],
])("a package is found when it is %s", (_, entries) => {
  expect(findPackage(Buffer.from(entries.join("\n")), "nats-server")).toEqual({
    version: "2.15.1-1",
    path: "pool/n.deb",
    sha256: "abc",
  });
});

test("a package of a longer name, one that is mentioned and one without checksum are not it", () => {
  const packages = [
    entry("nats-server-extra", WHOLE),
    entry("other", "Description: Package: nats-server\nDepends: nats-server"),
  ];
  expect(findPackage(Buffer.from(packages.join("\n")), "nats-server")).toBeUndefined();
  const half = entry("nats-server", "Version: 2.15.1-1\nFilename: pool/n.deb");
  expect(findPackage(Buffer.from(half), "nats-server")).toBeUndefined();
});

test("Node's names of architectures are translated", () => {
  expect(debianArchitecture("x64")).toBe("amd64");
  expect(debianArchitecture("arm64")).toBe("arm64");
  expect(debianArchitecture("mips")).toBeUndefined();
});
