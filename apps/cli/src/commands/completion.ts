import type { Command } from "commander";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { bashCompletion } from "../completion/bash.ts";
import { completionTable, type CompletedCommand } from "../completion/completion-table.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";

/** A shell that a completion is written for. */
export type Shell = "bash" | "zsh" | "fish";

const WRITERS: Readonly<Record<Shell, (table: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Write what completes the command lines of `program` in `shell`. */
export async function completion(
  shell: Shell,
  program: Command,
  { terminal: { out } }: CommandDeps,
): Promise<number> {
  out.write(WRITERS[shell](completionTable(program)));
  return EXIT.ok;
}
