import { spawn, type ChildProcess } from "node:child_process";
import { eventually } from "@umbel/runtime";

/** What a command wrote, and how it ended. */
export interface Finished {
  /** `undefined` when a signal ended it. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** How a command is started. */
export interface UmbelOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it finds on its standard input. */
  readonly input?: string;
}

/** The file that is `umbel`. */
export const MAIN: string = new URL("../../src/main.ts", import.meta.url).pathname;

/** Run `umbel` with `args`, in a process of its own, until it ends. */
export function umbel(args: readonly string[], options: UmbelOptions = {}): Promise<Finished> {
  return startUmbel(args, options).finished;
}

/** A command that goes on. Disposing it kills it. */
export class RunningUmbel implements AsyncDisposable {
  readonly finished: Promise<Finished>;
  out = "";
  err = "";
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<Finished>();
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? undefined, out: this.out, err: this.err }));
    this.finished = promise;
  }

  /** Send a signal, as a terminal or an orchestrator does. */
  signal(name: "SIGINT" | "SIGTERM"): void {
    this.#child.kill(name);
  }

  /** Wait until `text` was written to standard output or error. */
  async says(text: string): Promise<void> {
    await eventually(
      `umbel says ${JSON.stringify(text)}`,
      () => {
        if (this.out.includes(text) || this.err.includes(text)) return true;
        if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.out}${this.err}`);
        return undefined;
      },
      { timeoutMs: 30_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.finished;
  }
}

/** Start `umbel` with `args`. */
export function startUmbel(args: readonly string[], options: UmbelOptions = {}): RunningUmbel {
  const child = spawn(process.execPath, ["--conditions=source", MAIN, ...args], {
    env: { ...environment(), ...options.env },
    cwd: options.cwd,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that does not read its input may have ended before it is written.
  child.stdin?.on("error", () => undefined).end(options.input ?? "");
  return new RunningUmbel(child);
}

// What whoever runs the tests has set for their own meshes does not matter here; where a server is, does.
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:UMBEL_|NODE_OPTIONS$|NO_COLOR$|FORCE_COLOR$|VITEST)/.test(name) || name === "UMBEL_NATS_SERVER",
  );
  return Object.fromEntries(kept);
}
