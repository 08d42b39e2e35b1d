import { appendFileSync, readFileSync } from "node:fs";
import type { TaskContext } from "@umbel/worker";
import type { Place } from "./keyed-tasks.ts";

/** What a keyed handler wrote down. */
export interface StepEntry {
  readonly what: "start" | "end" | "fail";
  readonly key: string;
  readonly number: number;
  readonly attempt: number;
  readonly pid: number;
}

/** Write down what a keyed handler does. */
export function noteStep(what: StepEntry["what"], input: Place, { attempt }: TaskContext): void {
  const { journal, key, number } = input;
  const entry: StepEntry = { what, key, number, attempt, pid: process.pid };
  appendFileSync(journal, `${JSON.stringify(entry)}\n`);
}

/** All that keyed handlers wrote down in `journal`, in the order in which they did. */
export function readSteps(journal: string): readonly StepEntry[] {
  const lines = readFileSync(journal, "utf8").split("\n");
  return lines.slice(0, -1).map((line): StepEntry => JSON.parse(line));
}

/**
 * Where the entries of one key, numbered from 0, are not one after another: what a handler begins, it ends before
 * another begins, unless its process was `killed`; and the next one is the next in number.
 */
export function disorder(entries: readonly StepEntry[], killed?: number): readonly string[] {
  let last: StepEntry | undefined;
  const problems = entries.flatMap((entry) => {
    const before = last;
    last = entry;
    const problem = entry.what === "start" ? startProblem(entry, before, killed) : endProblem(entry, before);
    return problem === undefined ? [] : [problem];
  });
  return last?.what === "start" ? [...problems, `${last.number} has not ended`] : problems;
}

function startProblem(entry: StepEntry, before: StepEntry | undefined, killed?: number): string | undefined {
  const open = before?.what === "start";
  // It begins again what it had not ended, or what had ended and was not stored.
  if (before !== undefined && before.pid === killed && before.number === entry.number) return undefined;
  if (open) return `${entry.number} overlaps ${before.number}`;
  const next = before === undefined ? 0 : before.number + 1;
  return entry.number === next ? undefined : `${entry.number} instead of ${next}`;
}

function endProblem(entry: StepEntry, before: StepEntry | undefined): string | undefined {
  const own = before?.what === "start" && before.number === entry.number && before.pid === entry.pid;
  return own ? undefined : `${entry.number} was not open`;
}
