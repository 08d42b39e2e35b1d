import { createInterface } from "node:readline";
import { invalidArgument } from "@umbel/protocol";
import type { CommandDeps } from "./command-deps.ts";

/** The flag of every command that asks first. */
export interface YesFlag {
  readonly yes?: boolean;
}

/**
 * Whether the user wants what `question` asks. With `--yes` nobody is asked.
 *
 * @throws UmbelError `invalid_argument` without `--yes` where nobody can be asked
 */
export async function confirm(question: string, flags: YesFlag, deps: CommandDeps): Promise<boolean> {
  if (flags.yes === true) return true;
  const { err } = deps.terminal;
  if (!err.interactive || Reflect.get(deps.stdin, "isTTY") !== true) {
    throw invalidArgument({
      field: "--yes",
      received: undefined,
      expected: "it, because nobody can be asked here",
      fix: `Nothing was done. The question is: ${question}`,
    });
  }
  err.write(`${question} [y/N] `);
  const yes = /^y(?:es)?$/i.test(await firstLine(deps.stdin));
  if (!yes) err.line("Nothing was done.");
  return yes;
}

// Whoever ends the input instead of answering does not say yes.
async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line.trim();
    return "";
  } finally {
    lines.close();
  }
}
