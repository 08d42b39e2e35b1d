import { appendFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Something that a handler of the test tasks did. */
export interface JournalEntry {
  readonly what: "started" | "ended" | "aborted";
  readonly runId: string;
  readonly task: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly start: number;
  readonly fence: number;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A file in which handlers of all processes and threads write down what they do, and gates that hold them. */
export interface Journal extends AsyncDisposable {
  /** Goes into the input of every test task. */
  readonly path: string;
  readonly entries: readonly JournalEntry[];
  /** The starts of one run, or of all runs. */
  starts(runId?: string): readonly JournalEntry[];
  ends(runId?: string): readonly JournalEntry[];
  /** Let the handlers pass that wait for the gate `name`: now, and whenever they come. */
  open(name: string): Promise<void>;
}

/** A fresh journal in a folder of its own, removed with it. */
export async function createJournal(): Promise<Journal> {
  const folder = await mkdtemp(join(tmpdir(), "umbel-journal-"));
  const path = join(folder, "journal");
  await writeFile(path, "");
  const of = (what: JournalEntry["what"], runId?: string): readonly JournalEntry[] =>
    readEntries(path).filter((entry) => entry.what === what && (runId ?? entry.runId) === entry.runId);
  return {
    path,
    get entries() {
      return readEntries(path);
    },
    starts: (runId) => of("started", runId),
    ends: (runId) => of("ended", runId),
    open: (name) => writeFile(gatePath(path, name), ""),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Add one line. Whole, whoever else writes: it is short, and the file is opened to append. */
export function note(path: string, entry: JournalEntry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`);
}

/** All lines so far. */
export function readEntries(path: string): readonly JournalEntry[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.slice(0, -1).map((line): JournalEntry => JSON.parse(line));
}

/** The file whose existence opens a gate. */
export function gatePath(path: string, name: string): string {
  return `${path}.${name}`;
}
