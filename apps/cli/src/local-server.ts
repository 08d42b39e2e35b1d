import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { UmbelError } from "@umbel/protocol";
import type { CommandDeps } from "./command-deps.ts";
import { defined } from "./input/defined.ts";

/** The flags of a server on this machine. */
export interface LocalServerFlags {
  /** 0: a free one. */
  readonly port: number;
  readonly store?: string;
  readonly monitor?: number;
  readonly sync: string;
}

/**
 * Start a nats-server on this machine.
 *
 * @throws UmbelError `server_failed` when it does not start, which says what to do about a port that is taken; the
 * reason of `signal`.
 */
export async function startLocalServer(
  flags: LocalServerFlags,
  deps: Pick<CommandDeps, "terminal" | "cwd">,
  signal: AbortSignal,
): Promise<LocalServer> {
  const { err } = deps.terminal;
  try {
    return await startServer(
      defined({
        port: flags.port === 0 ? undefined : flags.port,
        monitor: flags.monitor === 0 ? true : flags.monitor,
        storeDir: await storeFolder(flags.store, deps.cwd),
        syncInterval: flags.sync,
        onProgress: withoutRepeats((message) => err.line(err.paint("quiet", message))),
        signal,
      }),
    );
  } catch (error) {
    throw explainPort(error, flags);
  }
}

// A start that is tried again says the same again.
function withoutRepeats(say: (message: string) => void): (message: string) => void {
  let last: string | undefined;
  return (message) => {
    if (message !== last) say(message);
    last = message;
  };
}

const OWN_FOLDER = ".umbel";

// Data belongs to the project that one works in, and not into its version control.
async function storeFolder(store: string | undefined, cwd: string): Promise<string> {
  if (store !== undefined) return resolve(cwd, store);
  const folder = join(cwd, OWN_FOLDER);
  if (!existsSync(folder)) {
    try {
      await mkdir(folder);
      await writeFile(join(folder, ".gitignore"), "*\n");
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new UmbelError(
        "server_failed",
        `the folder ${folder} cannot be made: ${reason}. Give one by --store.`,
        {
          cause,
        },
      );
    }
  }
  return join(folder, "nats");
}

function explainPort(error: unknown, { port, monitor }: LocalServerFlags): unknown {
  if (!UmbelError.is(error, "server_failed") || error.details["reason"] !== "port_in_use") return error;
  const taken = error.details["port"];
  const flag = taken === monitor && taken !== port ? "--monitor" : "--port";
  const message = `port ${String(taken)} of 127.0.0.1 is already in use: stop what listens there, or choose another by ${flag} (0 means a free one).`;
  return new UmbelError("server_failed", message, { cause: error, details: error.details });
}

/** Fails when the server ends by itself. @throws UmbelError `server_failed` */
export async function serverEnd(running: LocalServer): Promise<never> {
  const exit = await running.exited;
  const how = exit.signal === undefined ? `with code ${exit.code ?? "unknown"}` : `by ${exit.signal}`;
  throw new UmbelError("server_failed", `nats-server ended ${how}. Its log is ${running.logFile}`);
}
