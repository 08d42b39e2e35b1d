import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LOADER, PEERS_FOLDER } from "./install-peers.ts";

/**
 * A package of a peer. It is none of this workspace's own, so its types are those of which we say what we use.
 *
 * @throws Error when it is not installed.
 */
export async function loadPeer<Module>(name: string): Promise<Module> {
  const { load } = await import(pathToFileURL(join(PEERS_FOLDER, LOADER)).href);
  return load(name);
}
