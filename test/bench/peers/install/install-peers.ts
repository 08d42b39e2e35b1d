import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const MANIFESTS = ["package.json", "package-lock.json"];
/** Imports packages from where it is. */
export const LOADER = "load.mjs";
const SOME_CHARACTERS = 500;
const SOURCE = join(import.meta.dirname, "..");

/** Where the npm packages of peers are: no part of this workspace, so that nobody else pays for them. */
export const PEERS_FOLDER: string = join(import.meta.dirname, "../../../../.cache/bench-peers");

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

/** The versions to which the packages of peers are pinned. */
export async function peerVersions(): Promise<Readonly<Record<string, string>>> {
  const manifest = await readFile(join(SOURCE, "package.json"), "utf8");
  return manifestSchema.parse(JSON.parse(manifest)).dependencies;
}

let missing: Promise<string | undefined> | undefined;

/** Install the packages of all peers, unless they are there. @returns why they are not; `undefined` when they are */
export function missingPackages(): Promise<string | undefined> {
  missing ??= install().then(
    () => undefined,
    (error: unknown) =>
      `npm could not install the packages of peers: ${String(error).slice(0, SOME_CHARACTERS)}`,
  );
  return missing;
}

async function install(): Promise<void> {
  if (await isInstalled()) return;
  process.stderr.write(`installing ${Object.keys(await peerVersions()).join(", ")} into ${PEERS_FOLDER}\n`);
  await mkdir(PEERS_FOLDER, { recursive: true });
  for (const name of MANIFESTS) await copyFile(join(SOURCE, name), join(PEERS_FOLDER, name));
  await copyFile(join(import.meta.dirname, LOADER), join(PEERS_FOLDER, LOADER));
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: PEERS_FOLDER });
  await copyFile(join(SOURCE, "package-lock.json"), join(PEERS_FOLDER, "installed.json"));
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
