import { readFile } from "node:fs/promises";
import { CommanderError } from "commander";
import { EXIT, type CommandDeps } from "./command-deps.ts";
import { reportError } from "./command-error.ts";
import { createTerminal } from "./output/terminal.ts";
import { createProgram } from "./program.ts";
import { reportUncaught } from "./report-uncaught.ts";

/** Carry out the command line `args` in this process. Resolves to the exit code, and never rejects. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const terminal = createTerminal({ out: stdout, err: stderr }, env);
  const deps: CommandDeps = { terminal, env, stdin, cwd: process.cwd() };
  // Whoever reads has gone, as `head` does: there is nothing left to say.
  stdout.on("error", () => process.exit(EXIT.ok));
  process.on("uncaughtException", reportUncaught);
  return parse(args, deps);
}

async function parse(args: readonly string[], deps: CommandDeps): Promise<number> {
  let exitCode: number = EXIT.ok;
  const onEnd = (code: number): void => {
    exitCode = code;
  };
  try {
    await createProgram({ ...deps, version: await readVersion(), onEnd }).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (isMisplaced(error, args))
      deps.terminal.err.line(`Flags come after the command: umbel <command> ${args[0]}`);
    return reportError(error, { ...deps, json: false });
  }
}

function isMisplaced(error: unknown, args: readonly string[]): boolean {
  const unknown = error instanceof CommanderError && error.code === "commander.unknownOption";
  return unknown && args[0]?.startsWith("--") === true;
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const manifest: unknown = JSON.parse(text);
  const version: unknown =
    typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, "version") : undefined;
  return typeof version === "string" ? version : "unknown";
}
