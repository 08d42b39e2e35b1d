import { readFile } from "node:fs/promises";
import { UmbelError } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import { isMissing, runCommand } from "../run-command.ts";

/** How to recognise the server that uses a store. */
export interface StoreOwner {
  readonly storeDir: string;
  readonly pidFile: string;
  /** Names the server: it is on its command line. */
  readonly configFile: string;
}

// A server whose parent has just died may still be dying.
const GRACE_MS = 1_500;
const EVERY_MS = 50;

/**
 * Check that no server uses a store: nats-server itself lets two share one and destroy it.
 *
 * @throws UmbelError `server_failed` when one does, also after a moment.
 */
export async function requireFreeStore(owner: StoreOwner): Promise<void> {
  const giveUpMs = performance.now() + GRACE_MS;
  for (;;) {
    const pid = await userOf(owner);
    if (pid === undefined) return;
    if (performance.now() > giveUpMs) throw storeInUse(owner, pid);
    await sleep(EVERY_MS);
  }
}

async function userOf({ pidFile, configFile }: StoreOwner): Promise<number | undefined> {
  const pid = Number(await textOf(pidFile));
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return (await commandLineOf(pid)).includes(configFile) ? pid : undefined;
}

async function commandLineOf(pid: number): Promise<string> {
  if (process.platform === "linux") return textOf(`/proc/${pid}/cmdline`);
  return (await runCommand("ps", ["-ww", "-o", "args=", "-p", String(pid)])).stdout;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    // A process that ends while it is read about gives ESRCH.
    if (isMissing(error) || (error instanceof Error && "code" in error && error.code === "ESRCH")) return "";
    throw error;
  });
}

function storeInUse({ storeDir }: StoreOwner, pid: number): UmbelError {
  const message = `storeDir: ${storeDir} is in use by the nats-server with process id ${pid}.`;
  return new UmbelError("server_failed", `${message} Stop that one, or give another storeDir.`, {
    details: { reason: "store_in_use", storeDir, pid },
  });
}
