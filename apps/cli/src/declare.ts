import { CommanderError, type Command } from "commander";
import { EXIT, type CommandDeps } from "./command-deps.ts";
import { withErrorHandling } from "./command-error.ts";
import { applyConfig } from "./config/apply-config.ts";
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

/** Let the configuration of the project say what neither the flags nor the environment of a command do. */
export function readConfigFirst(program: Command, deps: ProgramDeps): void {
  const { terminal, env } = deps;
  program.hook("preAction", async (_, command) => {
    const json = wantsJson(command.opts<JsonFlag>(), env);
    const apply = async (): Promise<number> => {
      await applyConfig(command, deps);
      return EXIT.ok;
    };
    const code = await withErrorHandling(apply, { terminal, env, json });
    // It has been told: the command must not be carried out.
    if (code !== EXIT.ok) throw new CommanderError(code, "umbel.config", "");
  });
}
