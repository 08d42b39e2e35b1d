const PLATFORMS: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin" };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * The name, without its ending, of the official release's archive for a platform and an architecture as Node
 * spells them; `undefined` where none is used.
 */
export function releaseAsset(platform: string, arch: string, version: string): string | undefined {
  const os = PLATFORMS[platform];
  const cpu = ARCHITECTURES[arch];
  return os === undefined || cpu === undefined ? undefined : `nats-server-v${version}-${os}-${cpu}`;
}

/** The checksum of a file in the text of a `SHA256SUMS`; `undefined` when it is not listed. */
export function checksumOf(checksums: string, fileName: string): string | undefined {
  for (const line of checksums.split("\n")) {
    const [, sha256, name] = /^([0-9a-fA-F]{64})\s+\*?(?:\.\/)?(\S+)\s*$/.exec(line) ?? [];
    if (name === fileName) return sha256?.toLowerCase();
  }
  return undefined;
}
