import { homedir } from "node:os";

/** What finding a server depends on besides its options. Tests stand another one in its place. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** As in `process.arch`. */
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** Where releases are: `<releasesUrl>/v<version>/<asset>`. */
  readonly releasesUrl: string;
  /** The folder of `sources.list`. */
  readonly aptDir: string;
  /** Where Debian's public keys may be; the first that exists is used. */
  readonly keyrings: readonly string[];
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    homeDir: homedir(),
    releasesUrl: "https://github.com/nats-io/nats-server/releases/download",
    aptDir: "/etc/apt",
    keyrings: [
      "/usr/share/keyrings/debian-archive-keyring.gpg",
      "/usr/share/keyrings/debian-archive-keyring.pgp",
    ],
  };
}
