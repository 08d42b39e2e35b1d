import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { startServer, type LocalServer } from "@umbel/nats-server";
import { UmbelError } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { Interrupted, interruptible } from "../interrupt.ts";
import { serverText } from "../output/server-text.ts";

/** The flags of `umbel server`. */
export interface ServerFlags extends JsonFlag {
  /** 0: a free one. */
  readonly port: number;
  readonly store?: string;
  readonly monitor?: number;
  readonly sync: string;
}

/** Run a nats-server until it is told to stop. The exit code is 1 when it ends by itself. */
export async function server(flags: ServerFlags, deps: CommandDeps): Promise<number> {
  return interruptible(async (signal) => {
    const running = await start(flags, deps, signal);
    try {
      announce(running, flags, deps);
      return await untilItEnds(running, signal);
    } finally {
      await running.stop();
    }
  }).catch((error: unknown) => {
    if (!(error instanceof Interrupted)) throw error;
    deps.terminal.err.line(error.message);
    return EXIT.ok;
  });
}

async function start(flags: ServerFlags, deps: CommandDeps, signal: AbortSignal): Promise<LocalServer> {
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

function explainPort(error: unknown, { port, monitor }: ServerFlags): unknown {
  if (!UmbelError.is(error, "server_failed") || error.details["reason"] !== "port_in_use") return error;
  const taken = error.details["port"];
  const flag = taken === monitor && taken !== port ? "--monitor" : "--port";
  const message = `port ${String(taken)} of 127.0.0.1 is already in use: stop what listens there, or choose another by ${flag} (0 means a free one).`;
  return new UmbelError("server_failed", message, { cause: error, details: error.details });
}

function announce(running: LocalServer, flags: ServerFlags, { terminal, env, cwd }: CommandDeps): void {
  const { url, port, monitorUrl, pid, name, version, storeDir, logFile } = running;
  const facts = { url, port, monitorUrl, pid, name, version, storeDir, logFile, sync: flags.sync };
  if (wantsJson(flags, env)) return terminal.out.line(JSON.stringify(facts));
  const near = relative(cwd, storeDir);
  terminal.out.line(
    serverText({ ...facts, shownStore: near.startsWith("..") ? storeDir : `./${near}` }, terminal.out.paint),
  );
}

async function untilItEnds(running: LocalServer, signal: AbortSignal): Promise<number> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const exit = await Promise.race([running.exited, promise]);
  const how = exit.signal === undefined ? `with code ${exit.code ?? "unknown"}` : `by ${exit.signal}`;
  throw new UmbelError("server_failed", `nats-server ended ${how}. Its log is ${running.logFile}`);
}
