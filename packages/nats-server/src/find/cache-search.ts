import { readdir } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Machine } from "./machine.ts";
import { serverFileName } from "./path-search.ts";
import { probeServer } from "./probe-server.ts";
import { isMissing } from "../run-command.ts";
import { type Finding, type Search, missed } from "./search.ts";
import { compareVersions, isSupported, parseVersion } from "../server-version.ts";

/** The cache folder when none is given: `umbel/nats-server` in `XDG_CACHE_HOME` or `~/.cache`. */
export function defaultCacheDir({ env, homeDir }: Machine): string {
  const base = env["XDG_CACHE_HOME"];
  // The XDG rules say that a relative path is to be ignored.
  return join(
    base !== undefined && isAbsolute(base) ? base : join(homeDir, ".cache"),
    "umbel",
    "nats-server",
  );
}

/** Where a version is in the cache. */
export function cachedPath({ cacheDir, machine }: Search, version: string): string {
  return join(cacheDir, version, serverFileName(machine.platform));
}

/** The newest usable nats-server of the cache. */
export async function serverInCache(search: Search): Promise<Finding> {
  const reasons: string[] = [];
  for (const version of await installedVersions(search.cacheDir)) {
    const path = cachedPath(search, version);
    const probe = await probeServer(path, search.signal);
    if (probe.kind === "usable") {
      return { kind: "found", server: { path, version: probe.version, source: "cache" } };
    }
    reasons.push(probe.reason);
  }
  return reasons.length === 0 ? missed(`nothing in ${search.cacheDir}`) : missed(...reasons);
}

async function installedVersions(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const versions = names.filter((name) => parseVersion(name) === name && isSupported(name));
  return versions.sort((left, right) => compareVersions(right, left));
}
