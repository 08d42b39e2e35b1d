import { mkdir, mkdtemp, realpath, rename, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UmbelError } from "@umbel/protocol";
import { reasonText } from "../reason-text.ts";
import { isMissing } from "../run-command.ts";
import { serverFiles } from "./server-plan.ts";

/** A folder for a server's data. */
export interface StoreDir {
  /** Absolute, without symbolic links: the same store has always the same name. */
  readonly path: string;
  /** Whether it was made for this one server. */
  readonly temporary: boolean;
}

/**
 * Make the folder for a server's data; without a path a fresh temporary one. The log of an earlier server is
 * kept beside the new one, as `nats-server.previous.log`.
 *
 * @throws UmbelError `server_failed` when the folder cannot be made.
 */
export async function makeStoreDir(path: string | undefined): Promise<StoreDir> {
  try {
    if (path === undefined) {
      const made = await mkdtemp(join(tmpdir(), "umbel-nats-"));
      return { path: await realpath(made), temporary: true };
    }
    await makeFolders(resolve(path));
    const store = { path: await realpath(path), temporary: false };
    await keepLog(store.path);
    return store;
  } catch (cause) {
    const message = `storeDir: the folder ${path ?? tmpdir()} cannot be made or used: ${reasonText(cause)}.`;
    throw new UmbelError("server_failed", `${message} Give a folder that this user may write to.`, { cause });
  }
}

// Node's own recursive mkdir never ends where the system refuses with ENOENT, as in /proc.
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const parent = dirname(path);
    if (!isMissing(error) || (await isFolder(parent))) throw error;
    await makeFolders(parent);
    await mkdir(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function keepLog(storeDir: string): Promise<void> {
  const { logFile } = serverFiles(storeDir);
  await rename(logFile, join(storeDir, "nats-server.previous.log")).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}
