import { once } from "node:events";
import { UmbelError } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { withErrorHandling } from "../command-error.ts";
import { worker } from "../commands/worker.ts";
import { wantsJson } from "../connection-flags.ts";
import { printable } from "../output/printable.ts";
import { createTerminal } from "../output/terminal.ts";
import { reportUncaught } from "../report-uncaught.ts";
import { isStart } from "./messages.ts";
import { reportImports } from "./report-imports.ts";
import { shortStack } from "./short-stack.ts";

/** Be the worker that the parent process asks for. It ends with its parent. */
export async function runInProcess(): Promise<void> {
  const [start]: unknown[] = await once(process, "message");
  if (!isStart(start)) throw new TypeError("the parent did not say what to start");
  reportImports((file) => process.send?.({ file }));
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.on("uncaughtException", reportUncaught);
  const { env, stdin, stdout, stderr } = process;
  const terminal = createTerminal({ out: stdout, err: stderr }, env);
  const deps: CommandDeps = { terminal, env, stdin, cwd: process.cwd() };
  const json = wantsJson(start.flags, env);
  const work = (): Promise<number> =>
    worker(start.modules, start.flags, deps).catch((error: unknown) => {
      if (!json) tellPlace(error, deps);
      throw error;
    });
  process.exitCode = await withErrorHandling(work, { terminal, env, json });
  // What keeps a process alive that has no worker is the user's: it would wait for a change in vain.
  if (process.exitCode !== EXIT.ok) process.exit();
  process.removeAllListeners("disconnect");
  process.disconnect();
}

// Whoever is writing a module wants to know where it is wrong, not where we noticed.
function tellPlace(error: unknown, { terminal: { err } }: CommandDeps): void {
  if (!UmbelError.is(error, "handler_missing") || !(error.cause instanceof Error)) return;
  err.line(printable(shortStack(error.cause)));
}
