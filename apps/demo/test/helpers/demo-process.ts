import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

const MAIN = new URL("../../src/main.ts", import.meta.url).pathname;

/** The demo in a process of its own, as a user starts it. */
export class DemoProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ["--conditions=source", MAIN, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (data: Buffer) => (this.stdout += data.toString()));
    this.#child.stderr?.on("data", (data: Buffer) => (this.stderr += data.toString()));
    this.#exited = once(this.#child, "close");
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves to its exit code once it has ended and all its output is here; `null` when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The last line that it wrote to standard output, as JSON. */
  get lastLine(): unknown {
    return JSON.parse(this.stdout.trimEnd().split("\n").at(-1) ?? "");
  }

  /** The process ids of its workers, by what it says of them. */
  get workerPids(): readonly number[] {
    return [...this.stdout.matchAll(/worker-\d+ \(process (\d+)\)/g)].map(([, pid]) => Number(pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
