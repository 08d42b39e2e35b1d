import { expect, test } from "vitest";
import { checksumOf, releaseAsset } from "./release-asset.ts";

test("the archive is named after the platform and the architecture", () => {
  expect(releaseAsset("linux", "x64", "2.15.1")).toBe("nats-server-v2.15.1-linux-amd64");
  expect(releaseAsset("darwin", "arm64", "2.15.1")).toBe("nats-server-v2.15.1-darwin-arm64");
});

test.each([
  ["win32", "x64"],
  ["linux", "mips"],
])("there is none for %s on %s", (platform, arch) => {
  expect(releaseAsset(platform, arch, "2.15.1")).toBeUndefined();
});

test("a checksum is found by the whole file name", () => {
  const [a, b] = ["A".repeat(64), "b".repeat(64)];
  const checksums = `${b}  x-linux-amd64.tar.gz.sig\n${a}  x-linux-amd64.tar.gz\n${b} *x-darwin-arm64.tar.gz\n`;
  expect(checksumOf(checksums, "x-linux-amd64.tar.gz")).toBe("a".repeat(64));
  expect(checksumOf(checksums, "x-darwin-arm64.tar.gz")).toBe(b);
});

test("a checksum that is missing or too short is none", () => {
  expect(checksumOf("", "x.tar.gz")).toBeUndefined();
  expect(checksumOf("abc123  x.tar.gz\n", "x.tar.gz")).toBeUndefined();
});
