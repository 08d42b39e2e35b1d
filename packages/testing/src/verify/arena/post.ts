import { withDeadline } from "@umbel/runtime";
import type { Journal } from "../history/journal.ts";
import { Wires } from "./wires.ts";
import type { Site } from "./site.ts";

/** A process that can be signalled, and whose end can be awaited. */
export interface PostProcess {
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | undefined }>;
  kill(signal?: NodeJS.Signals): void;
}

/** How a {@link Post} starts its process, connected to `servers`. */
export type StartProcess = (servers: readonly string[]) => Promise<PostProcess>;

const RESTART_TRIES = 40;

/** A place for a process, with its own wires to the servers: when one is killed, another takes its place. */
export class Post implements AsyncDisposable {
  readonly name: string;
  /** Whether a fault is on it: then none of the same kind can be. */
  busy = false;
  /** The same, of its wires. */
  wiresBusy = false;
  readonly wires: Wires | undefined;
  readonly #urls: readonly string[];
  readonly #journal: Journal;
  #process: PostProcess | undefined;

  private constructor(name: string, journal: Journal, laid: Laid) {
    this.name = name;
    this.#journal = journal;
    this.wires = laid.wires;
    this.#urls = laid.urls;
  }

  /** A post without a process yet. */
  static async open(site: Site, name: string, journal: Journal): Promise<Post> {
    const { servers } = site.connection;
    return new Post(
      name,
      journal,
      site.wired ? await Wires.lay(servers) : { wires: undefined, urls: servers },
    );
  }

  get process(): PostProcess | undefined {
    return this.#process;
  }

  /** Put a process here; while the servers are away, as often as it takes. @throws what it throws at last */
  async fill(start: StartProcess): Promise<PostProcess> {
    for (let tries = 1; ; tries++) {
      try {
        this.#process = await start(this.#urls);
        return this.#process;
      } catch (error) {
        if (tries === RESTART_TRIES) throw error;
      }
    }
  }

  /** End its process as a crash would. Resolves when it is gone. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    process.kill("SIGKILL");
    await process.exited;
    this.#journal.note({ what: "killed", pid: process.pid });
  }

  /** Tell its process to end, and write down how long that took. After three times its grace it is killed. */
  async drain(graceMs: number): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    const from = performance.now();
    process.kill("SIGTERM");
    const exit = await withDeadline(process.exited, graceMs * 3);
    const afterMs = Math.round(performance.now() - from);
    this.#journal.note({ what: "drained", pid: process.pid, afterMs, graceMs, code: exit?.code ?? -1 });
    if (exit === undefined) await this.kill();
    else this.#journal.note({ what: "killed", pid: process.pid });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
    await this.wires?.[Symbol.asyncDispose]();
  }
}

interface Laid {
  readonly wires: Wires | undefined;
  readonly urls: readonly string[];
}
