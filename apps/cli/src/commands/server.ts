import { relative } from "node:path";
import type { LocalServer } from "@umbel/nats-server";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type JsonFlag } from "../connection-flags.ts";
import { abortion, Interrupted, interruptible } from "../interrupt.ts";
import { serverEnd, startLocalServer, type LocalServerFlags } from "../local-server.ts";
import { serverText } from "../output/server-text.ts";

/** The flags of `umbel server`. */
export interface ServerFlags extends JsonFlag, LocalServerFlags {}

/** Run a nats-server until it is told to stop. The exit code is 1 when it ends by itself. */
export async function server(flags: ServerFlags, deps: CommandDeps): Promise<number> {
  return interruptible(async (signal) => {
    const running = await startLocalServer(flags, deps, signal);
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
  return Promise.race([serverEnd(running), abortion(signal)]);
}
