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
  checkAskable(question, flags, deps);
  const { err } = deps.terminal;
  err.write(`${question} [y/N] `);
  const yes = /^y(?:es)?$/i.test(await firstLine(deps.stdin));
  if (!yes) err.line("Nothing was done.");
  return yes;
}

/** What {@link confirmCounted} asks. */
export interface CountedQuestion {
  /** How many things it is about. */
  readonly count: () => Promise<number>;
  readonly text: (count?: number) => string;
}

/** {@link confirm}, with how many it is about: they are counted only where somebody looks on. @throws as `confirm` does */
export async function confirmCounted(
  { count, text }: CountedQuestion,
  flags: YesFlag,
  deps: CommandDeps,
): Promise<{ readonly yes: boolean; readonly total: number | undefined }> {
  const total = canAsk(deps) ? await count() : undefined;
  return { yes: await confirm(text(total), flags, deps), total };
}

/** @throws UmbelError `invalid_argument` without `--yes` where nobody can be asked */
export function checkAskable(question: string, { yes }: YesFlag, deps: CommandDeps): void {
  if (yes === true || canAsk(deps)) return;
  throw invalidArgument({
    field: "--yes",
    received: undefined,
    expected: "it, because nobody can be asked here",
    fix: `Nothing was done. The question is: ${question}`,
  });
}

function canAsk({ terminal, stdin }: CommandDeps): boolean {
  return terminal.err.interactive && Reflect.get(stdin, "isTTY") === true;
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
