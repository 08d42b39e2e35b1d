import { resolve } from "node:path";
import { UmbelError } from "@umbel/protocol";
import { defaultCacheDir, serverInCache } from "./cache-search.ts";
import { debianServer } from "./debian/debian-server.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { requireNamedServer } from "./named-server.ts";
import { serverOnPath } from "./path-search.ts";
import { releaseServer } from "./download/release-server.ts";
import { type Finding, type Search, type ServerBinary, attempt, missed } from "./search.ts";
import { MINIMUM_VERSION } from "../server-version.ts";

/** Where to look for a server. */
export interface FindServerOptions {
  /** A nats-server to use, and no other. @default the first usable one of those that are looked for */
  readonly path?: string | undefined;
  /**
   * Where downloaded servers are kept, one folder for each version.
   * @default "umbel/nats-server" in `XDG_CACHE_HOME` or `~/.cache`
   */
  readonly cacheDir?: string | undefined;
  /** Whether a server may be downloaded when none is on the machine. @default true */
  readonly download?: boolean | undefined;
  /** Told, in one line each, what is being done. */
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The environment variable that names a nats-server to use. */
export const SERVER_VARIABLE = "UMBEL_NATS_SERVER";

/**
 * A nats-server that runs on this machine and is {@link MINIMUM_VERSION} or later. Looked for in this order:
 * the option `path`, the environment variable `UMBEL_NATS_SERVER`, the folders of `PATH`, the cache; then
 * downloaded into the cache from the official release, or on Linux from the machine's own Debian mirror.
 * Nothing is used whose checksum cannot be verified.
 *
 * @throws UmbelError `server_missing` with every way that was tried and why it failed; `unsupported_server`
 * when a server that was named is too old; the signal's reason when aborted.
 */
export async function findServer(options: FindServerOptions = {}): Promise<ServerBinary> {
  return findServerOn(thisMachine(), options);
}

/** {@link findServer} on a given machine. */
export async function findServerOn(machine: Machine, options: FindServerOptions): Promise<ServerBinary> {
  options.signal?.throwIfAborted();
  const named = namedServer(machine, options);
  if (named !== undefined) return requireNamedServer(named, options.signal);
  return searchAll(ways(options.download ?? true), {
    machine,
    cacheDir: resolve(options.cacheDir ?? defaultCacheDir(machine)),
    report: options.onProgress ?? (() => undefined),
    signal: options.signal,
  });
}

interface Way {
  readonly name: string;
  readonly find: (search: Search) => Promise<Finding>;
}

function namedServer(
  { env }: Machine,
  { path }: FindServerOptions,
): Parameters<typeof requireNamedServer>[0] | undefined {
  if (path !== undefined) return { path, field: "path", source: "option" };
  const variable = env[SERVER_VARIABLE];
  if (variable === undefined || variable === "") return undefined;
  return { path: variable, field: SERVER_VARIABLE, source: "environment" };
}

function ways(download: boolean): readonly Way[] {
  const local: Way[] = [
    { name: "PATH", find: serverOnPath },
    { name: "cache", find: serverInCache },
  ];
  if (!download) return [...local, { name: "download", find: async () => missed("switched off") }];
  return [
    ...local,
    { name: "official release", find: releaseServer },
    { name: "Debian package", find: debianServer },
  ];
}

async function searchAll(toTry: readonly Way[], search: Search): Promise<ServerBinary> {
  const tried: string[] = [];
  for (const { name, find } of toTry) {
    const finding = await attempt(search, find);
    if (finding.kind === "found") return finding.server;
    for (const reason of finding.reasons) {
      tried.push(`${name}: ${reason}`);
      search.report(`${name}: ${reason}`);
    }
  }
  throw serverMissing(tried);
}

function serverMissing(tried: readonly string[]): UmbelError {
  const list = tried.map((line) => `  - ${line}`).join("\n");
  const fix = `Install nats-server >= ${MINIMUM_VERSION}, or set ${SERVER_VARIABLE}=/path/to/nats-server.`;
  return new UmbelError("server_missing", `No usable nats-server was found. Tried:\n${list}\n${fix}`, {
    details: { tried, needed: MINIMUM_VERSION },
  });
}
