import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChildEntry, ConductorEntry, HandlerEntry, HistoryEntry, ProducerEntry } from "./entries.ts";

/** The environment variable that names the folder of the history. */
export const JOURNAL_VARIABLE = "UMBEL_VERIFY_JOURNAL";

const ENDING = ".history";

/** An entry without its moment. */
type Untimed<T> = T extends unknown ? Omit<T, "at"> : never;

/** Writes a file of the history: one line each, there at once, and whole whatever becomes of the process. */
export class Journal {
  readonly #path: string;
  readonly #now: () => number;

  constructor(folder: string, name: string, now: () => number = Date.now) {
    this.#path = join(folder, `${name}${ENDING}`);
    this.#now = now;
  }

  note(entry: Untimed<ProducerEntry | HandlerEntry | ChildEntry | ConductorEntry>): void {
    appendFileSync(this.#path, `${JSON.stringify({ ...entry, at: this.#now() })}\n`);
  }
}

/** All entries of all files, in the order of their moments. */
export function readHistory(folder: string): readonly HistoryEntry[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(ENDING));
  return files.flatMap((name) => readLines(join(folder, name))).toSorted((one, other) => one.at - other.at);
}

// The last line of a process that was killed may be cut.
function readLines(path: string): readonly HistoryEntry[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line): HistoryEntry => JSON.parse(line));
}
