import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { requireCommand } from "../../src/run-command.ts";
import { RELEASE_VERSION } from "../../src/server-version.ts";
import { writeFakeServer } from "./fake-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const ASSET = `nats-server-v${RELEASE_VERSION}-linux-amd64`;
/** Where a server of releases has the archive for Linux on x64. */
export const ARCHIVE_PATH = `/v${RELEASE_VERSION}/${ASSET}.tar.gz`;
/** Where it has the checksums. */
export const CHECKSUMS_PATH = `/v${RELEASE_VERSION}/SHA256SUMS`;

/** An archive like the official one, with a program in it that says it is this version. */
export async function releaseArchive(version: string = RELEASE_VERSION): Promise<Buffer> {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, ASSET));
  await writeFakeServer(join(folder.path, ASSET, "nats-server"), version);
  const archive = join(folder.path, "archive.tar.gz");
  await requireCommand("tar", ["-czf", archive, "-C", folder.path, ASSET]);
  return readFile(archive);
}

/** The text of a `SHA256SUMS` that lists this archive, among others. */
export function checksums(archive: Buffer): string {
  const sha256 = createHash("sha256").update(archive).digest("hex");
  return `${"0".repeat(64)}  nats-server-v${RELEASE_VERSION}-linux-amd64.zip\n${sha256}  ${ASSET}.tar.gz\n`;
}
