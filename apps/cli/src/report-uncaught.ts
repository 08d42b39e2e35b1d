import { reportError } from "./command-error.ts";
import { createTerminal } from "./output/terminal.ts";

/** The listener of errors that nobody caught: one message, and the process ends. */
export function reportUncaught(error: unknown): never {
  const { env, stdout: out, stderr: err } = process;
  return process.exit(reportError(error, { terminal: createTerminal({ out, err }, env), env, json: false }));
}
