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
  const problems: string[] = [];
  let open: StepEntry | undefined;
  let last = -1;
  for (const entry of entries) {
    if (entry.what === "start") {
      const again = open !== undefined && open.pid === killed && open.number === entry.number;
      if (open !== undefined && !again) problems.push(`${entry.number} overlaps ${open.number}`);
      if (entry.number !== (again ? last : last + 1)) problems.push(`${entry.number} follows ${last}`);
      last = entry.number;
      open = entry;
    } else {
      if (open?.number !== entry.number || open.pid !== entry.pid)
        problems.push(`${entry.number} was not open`);
      open = undefined;
    }
  }
  return open === undefined ? problems : [...problems, `${open.number} has not ended`];
}
