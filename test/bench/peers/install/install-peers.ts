import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const MANIFESTS = ["package.json", "package-lock.json"];
/** Imports packages from where it is. */
export const LOADER = "load.mjs";
const SOURCE = join(import.meta.dirname, "..");

/** Where the npm packages of peers are: no part of this workspace, so that nobody else pays for them. */
export const PEERS_FOLDER: string = join(import.meta.dirname, "../../../../.cache/bench-peers");

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

/** Install the pinned packages of all peers, unless they are there. @returns their versions */
export async function installPeers(onProgress: (line: string) => void): Promise<Readonly<Record<string, string>>> {
  const { dependencies } = manifestSchema.parse(JSON.parse(await readFile(join(SOURCE, "package.json"), "utf8")));
  if (!(await isInstalled())) {
    onProgress(`installing ${Object.keys(dependencies).join(", ")} into ${PEERS_FOLDER}`);
    await mkdir(PEERS_FOLDER, { recursive: true });
    for (const name of MANIFESTS) await copyFile(join(SOURCE, name), join(PEERS_FOLDER, name));
    await copyFile(join(import.meta.dirname, LOADER), join(PEERS_FOLDER, LOADER));
    await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: PEERS_FOLDER });
    await copyFile(join(SOURCE, "package-lock.json"), join(PEERS_FOLDER, "installed.json"));
  }
  return dependencies;
}

// The lock file is copied once more after everything is there.
async function isInstalled(): Promise<boolean> {
  const read = (file: string): Promise<string> => readFile(file, "utf8");
  try {
    const installed = await read(join(PEERS_FOLDER, "installed.json"));
    return installed === (await read(join(SOURCE, "package-lock.json")));
  } catch {
    return false;
  }
}
