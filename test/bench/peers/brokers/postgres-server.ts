import { execFile, execFileSync } from "node:child_process";
import { chown, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@umbel/runtime";
import { z } from "zod";
import { loadPeer } from "../install/load-peer.ts";
import type { Broker } from "./broker.ts";
import { findPostgresFolder } from "./find-program.ts";
import { startServerProcess } from "./server-process.ts";

/** Whether a commit waits for the disk, or for nothing: then up to 0.6 s of commits may be lost. */
export type SynchronousCommit = "on" | "off";

/** How to count what a system keeps in PostgreSQL: queries that give one number. */
export interface PostgresLayout {
  readonly queued: string;
  /** `undefined`: it keeps none. */
  readonly outcomes: string | undefined;
  /** Make the tables. */
  prepare(url: string): Promise<void>;
}

interface PgPool {
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
  end(): Promise<void>;
  on(event: "error", listener: () => void): void;
}

interface Pg {
  readonly default: { readonly Pool: new (options: object) => PgPool };
}

const USER = "postgres";
const countRow = z.object({ count: z.coerce.number() });

/** Start a PostgreSQL of its own, with its data in a folder of its own. As root it runs as the user `postgres`. */
export async function startPostgres(commit: SynchronousCommit, layout: PostgresLayout): Promise<Broker> {
  const { Pool } = (await loadPeer<Pg>("pg")).default;
  const programs = findPostgresFolder();
  if (programs === undefined) throw new Error("PostgreSQL is not installed");
  const identity = process.getuid?.() === 0 ? identityOf(USER) : undefined;
  const folder = await mkdtemp(join(tmpdir(), "umbel-bench-postgres-"));
  if (identity !== undefined) await chown(folder, identity.uid, identity.gid);
  const data = join(folder, "data");
  await fillDataFolder(join(programs, "initdb"), data, identity);
  const port = await freePort();
  const settings = [`synchronous_commit=${commit}`, "max_wal_size=4GB", "max_connections=200"];
  const server = await startServerProcess({
    program: join(programs, "postgres"),
    args: [
      "-D",
      data,
      "-p",
      `${port}`,
      "-h",
      "127.0.0.1",
      "-k",
      folder,
      ...settings.flatMap((one) => ["-c", one]),
    ],
    port,
    identity,
    saysReady: "ready to accept connections",
    stopSignal: "SIGQUIT",
  });
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  const pool = new Pool({ connectionString: url, max: 1 });
  pool.on("error", () => undefined);
  const count = async (query: string): Promise<number> =>
    countRow.parse((await pool.query(query)).rows[0]).count;
  const stop = async (): Promise<void> => {
    await pool.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  await layout.prepare(url).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const { queued, outcomes } = layout;
  return {
    url,
    pids: [server.pid],
    queuedRuns: () => count(queued),
    storedOutcomes: async () => (outcomes === undefined ? undefined : count(outcomes)),
    [Symbol.asyncDispose]: stop,
  };
}

type Identity = Readonly<Record<"uid" | "gid", number>>;

let template: Promise<string> | undefined;

// Making a data folder takes longer than a measurement: one is made, the others are copies.
async function fillDataFolder(initdb: string, data: string, identity: Identity | undefined): Promise<void> {
  template ??= makeTemplate(initdb, identity);
  await cp(await template, data, { recursive: true, mode: 0, preserveTimestamps: true });
  if (identity !== undefined) execFileSync("chown", ["-R", `${identity.uid}:${identity.gid}`, data]);
}

async function makeTemplate(initdb: string, identity: Identity | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "umbel-bench-initdb-"));
  if (identity !== undefined) await chown(folder, identity.uid, identity.gid);
  process.once("exit", () => execFileSync("rm", ["-rf", folder]));
  const data = join(folder, "data");
  const args = ["-D", data, "-U", USER, "--auth=trust", "-E", "UTF8"];
  await promisify(execFile)(initdb, args, { ...identity, cwd: "/" });
  return data;
}

function identityOf(user: string): Identity {
  const id = (flag: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
