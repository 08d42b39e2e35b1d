import { join } from "node:path";
import { downloadText, downloadVerified } from "./download.ts";
import { installServer } from "../install-server.ts";
import { checksumOf, releaseAsset } from "./release-asset.ts";
import { type Finding, type Search, missed } from "../search.ts";
import { RELEASE_VERSION } from "../../server-version.ts";
import { unpackTar } from "./unpack-archive.ts";

/** The server of the official release, verified against the release's own checksums. */
export async function releaseServer(search: Search): Promise<Finding> {
  const { platform, arch } = search.machine;
  const asset = releaseAsset(platform, arch, RELEASE_VERSION);
  if (asset === undefined) {
    return missed(`it is not downloaded for ${platform} on ${arch}, install nats-server by hand`);
  }
  const server = await installServer(search, "release", (folder) => unpackRelease(search, asset, folder));
  return { kind: "found", server };
}

async function unpackRelease(search: Search, asset: string, folder: string): Promise<string> {
  const { machine, signal } = search;
  const base = `${machine.releasesUrl}/v${RELEASE_VERSION}`;
  const fileName = `${asset}.tar.gz`;
  const sha256 = checksumOf(await downloadText(`${base}/SHA256SUMS`, search), fileName);
  if (sha256 === undefined) throw new Error(`${base}/SHA256SUMS does not list ${fileName}: not used`);
  const archive = join(folder, fileName);
  await downloadVerified({ url: `${base}/${fileName}`, sha256, path: archive }, search);
  return unpackTar({ archive, member: `${asset}/nats-server`, folder, signal });
}
