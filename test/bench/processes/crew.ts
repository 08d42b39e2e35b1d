import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { basename, join } from "node:path";
import { withDeadline } from "@umbel/runtime";
import { NoteInbox, type Note } from "./note.ts";
import type { Settings } from "./settings.ts";

/** How a child is started. */
export interface ChildOptions {
  readonly settings: Settings;
  /** Where its CPU profiles go, if it makes any. */
  readonly profileDir?: string | undefined;
  /**
   * Make its memory comparable over time: it may collect garbage when it wants to, and its heap is
   * capped. Left alone, V8 takes 100 MB and more, sooner or later, which reads as growth.
   * @default false
   */
  readonly steadyMemory?: boolean;
  /** What runs the file, if not this Node: it finds the channel to its parent in `NODE_CHANNEL_FD`. */
  readonly interpreter?: string | undefined;
}

/** A process of a benchmark. */
export interface Child {
  readonly pid: number;
  tell(type: string, values?: Readonly<Record<string, number>>, text?: string): void;
  /** The child's next note, of this type. @throws Error when any child of the crew has failed */
  next(type: string): Promise<Note>;
  /** Wait until the child has ended by itself. @throws Error when something keeps it alive */
  ended(): Promise<void>;
}

interface Member {
  readonly process: ChildProcess;
  readonly inbox: NoteInbox;
}

const LEAVE_MS = 20_000;

/** The processes of one measurement. When one of them fails, all waiting fails; in the end all are gone. */
export class Crew implements AsyncDisposable {
  readonly #members: Member[] = [];

  /** Start a TypeScript file as a process. */
  start(entry: URL, options: ChildOptions): Child {
    const name = basename(entry.pathname);
    const child = fork(entry, [JSON.stringify(options.settings)], {
      ...interpreterOf(entry, options),
      // Standard output is for the report.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const inbox = new NoteInbox(name);
    this.#members.push({ process: child, inbox });
    child.on("message", (message) => inbox.put(message));
    child.on("error", (error) => this.#fail(error));
    child.on("exit", (code, signal) => {
      if (code !== 0) this.#fail(new Error(`${entry.pathname} ended with ${signal ?? code}`));
    });
    return {
      pid: child.pid ?? 0,
      tell: (type, values = {}, text) => {
        child.send({ type, values, ...(text === undefined ? {} : { text }) });
      },
      next: (type) => inbox.next(type),
      ended: () => untilEnded(child, name),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(({ process }) => end(process)));
  }

  #fail(error: Error): void {
    for (const { inbox } of this.#members) inbox.fail(error);
  }
}

function interpreterOf(
  entry: URL,
  options: ChildOptions,
): { readonly execArgv: string[]; readonly execPath?: string } {
  const { interpreter } = options;
  return interpreter === undefined
    ? { execArgv: nodeOptions(entry, options) }
    : { execArgv: [], execPath: interpreter };
}

function nodeOptions(entry: URL, { profileDir, steadyMemory = false }: ChildOptions): string[] {
  const name = basename(entry.pathname, ".ts");
  return [
    "--conditions=source",
    ...(steadyMemory ? ["--expose-gc", "--max-semi-space-size=8", "--max-old-space-size=48"] : []),
    ...(profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${join(profileDir, name)}`]),
  ];
}

async function untilEnded(child: ChildProcess, name: string): Promise<void> {
  if (hasEnded(child)) return;
  if ((await withDeadline(once(child, "exit"), LEAVE_MS)) !== undefined) return;
  throw new Error(`${name} has closed everything and does not end: something keeps it alive`);
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
