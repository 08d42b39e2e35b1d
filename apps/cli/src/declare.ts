import type { Command } from "commander";
import type { CommandDeps } from "./command-deps.ts";
import { withErrorHandling } from "./command-error.ts";
import { wantsJson, type JsonFlag } from "./connection-flags.ts";

/** What a program is made with. */
export interface ProgramDeps extends CommandDeps {
  readonly version: string;
  /** A command has ended with this exit code. */
  readonly onEnd: (exitCode: number) => void;
}

/** A command of `program`, with examples in its help. */
export function subcommand(program: Command, name: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  ${example}`).join("\n");
  const path = program.parent === null ? name : `${program.name()} ${name}`;
  return program
    .command(name)
    .showHelpAfterError(`See umbel ${path} --help.`)
    .addHelpText("after", `\nExamples:\n${lines}`);
}

/** Carry out a command, whatever it throws. */
export async function run(deps: ProgramDeps, flags: JsonFlag, work: () => Promise<number>): Promise<void> {
  const { terminal, env } = deps;
  deps.onEnd(await withErrorHandling(work, { terminal, env, json: wantsJson(flags, env) }));
}
