import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { withDeadline } from "@umbel/runtime";
import { siblingEntry } from "../sibling-entry.ts";
import { isReport, type DevWorkerStart } from "./messages.ts";

/** How a worker process of `umbel dev` is started. */
export interface DevProcessOptions {
  readonly start: DevWorkerStart;
  readonly env: NodeJS.ProcessEnv;
  /** How long it may take to stop, in milliseconds, before it is killed. */
  readonly patienceMs: number;
  /** Hears of every file that it reads. */
  readonly onFile: (file: string) => void;
}

/** A worker in a process of its own. */
export class DevProcess {
  /** How it ended: its exit code, or the signal that ended it. Never rejects. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #patienceMs: number;

  constructor({ start, env, patienceMs, onFile }: DevProcessOptions) {
    // In a group of its own: Ctrl-C reaches us alone, and a worker that is told twice to stop gives its runs up.
    this.#child = fork(siblingEntry(import.meta.url, "dev-worker"), [], {
      detached: true,
      env,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#patienceMs = patienceMs;
    this.#child.on("message", (message) => {
      if (isReport(message)) onFile(message.file);
    });
    this.ended = once(this.#child, "exit").then(
      ([code, signal]) => (signal === null ? `with code ${String(code)}` : `by ${String(signal)}`),
      (error: unknown) => `before it began: ${String(error)}`,
    );
    this.#child.send(start, () => undefined);
  }

  /** End it: by SIGTERM, which lets its runs finish, and by SIGKILL when that takes too long. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    if ((await withDeadline(this.ended, this.#patienceMs)) !== undefined) return;
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}
