import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cachedPath } from "./cache-search.ts";
import { probeServer } from "./probe-server.ts";
import type { Search, ServerBinary } from "./search.ts";

/** Puts a nats-server somewhere into a working folder and resolves to its path. */
export type Unpack = (folder: string) => Promise<string>;

/**
 * Have a server unpacked in a working folder of the cache, check that it runs here, then move it to its
 * place in one step: processes that install at the same time all end with a whole file.
 *
 * @throws what `unpack` throws, or an error when the unpacked server is not usable on this machine.
 */
export async function installServer(
  search: Search,
  source: ServerBinary["source"],
  unpack: Unpack,
): Promise<ServerBinary> {
  await mkdir(search.cacheDir, { recursive: true });
  const folder = await mkdtemp(join(search.cacheDir, ".install-"));
  try {
    return await moveIntoPlace(search, source, await unpack(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function moveIntoPlace(
  search: Search,
  source: ServerBinary["source"],
  unpacked: string,
): Promise<ServerBinary> {
  await chmod(unpacked, 0o755);
  const probe = await probeServer(unpacked, search.signal);
  if (probe.kind !== "usable") throw new Error(`what was downloaded does not run here: ${probe.reason}`);
  const path = cachedPath(search, probe.version);
  await mkdir(dirname(path), { recursive: true });
  await rename(unpacked, path);
  search.report(`installed nats-server ${probe.version} as ${path}`);
  return { path, version: probe.version, source };
}
