import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { errorCodeOf, UmbelError } from "@umbel/protocol";
import { LogLines } from "./log-lines.ts";
import {
  SETUP_VARIABLE,
  type WorkerProcessMessage,
  type WorkerProcessSetup,
} from "./worker-process-messages.ts";

/** How a process ended. */
export interface ProcessExit {
  /** Its exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  /** The signal that ended it; `undefined` when it ended by itself. */
  readonly signal: NodeJS.Signals | undefined;
}

/** A worker in a process of its own, which can be killed. It ends with the process that started it. */
export interface WorkerProcess {
  readonly pid: number;
  readonly workerId: string;
  /** Where `/livez` and `/readyz` are, if they are. */
  readonly healthUrl: string | undefined;
  /** What it writes to its standard output: its log. */
  readonly log: LogLines;
  /** Resolves when the process has ended. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Send a signal: SIGSTOP and SIGCONT pause it, SIGTERM drains it. @default "SIGKILL" */
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Start a worker in a process of its own and wait until it pulls. It runs with this process's Node and its
 * options, and with `env` over this process's environment.
 *
 * @throws UmbelError what `startWorker` threw there; `internal` when the process ended before.
 */
export async function spawnWorker(
  setup: WorkerProcessSetup,
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const entry = fileURLToPath(import.meta.resolve("@umbel/testing/worker-process"));
  const child = spawn(process.execPath, [...process.execArgv, entry], {
    env: { ...process.env, ...env, [SETUP_VARIABLE]: JSON.stringify(setup) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const log = readLines(child);
  const errors = readErrors(child);
  const exited = exitOf(child);
  try {
    const { workerId, healthUrl } = await untilReady(child, exited, errors);
    const kill = (signal: NodeJS.Signals = "SIGKILL"): void => void child.kill(signal);
    return { pid: child.pid ?? 0, workerId, healthUrl, log, exited, kill };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

type Ready = Extract<WorkerProcessMessage, { type: "ready" }>;

function untilReady(child: ChildProcess, exited: Promise<ProcessExit>, errors: () => string): Promise<Ready> {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  child.on("message", (message: WorkerProcessMessage) => {
    if (message.type === "ready") resolve(message);
    else reject(new UmbelError(errorCodeOf(message.error) ?? "internal", message.error.message));
  });
  child.once("error", reject);
  void exited.then(({ code, signal }) => {
    const how = signal === undefined ? `code ${code}` : signal;
    return reject(new UmbelError("internal", `the worker's process ended with ${how}: ${errors()}`));
  });
  return promise;
}

function readLines({ stdout }: ChildProcess): LogLines {
  const log = new LogLines();
  if (stdout !== null) createInterface({ input: stdout }).on("line", (line) => log.write(line));
  return log;
}

const KEPT_CHARACTERS = 4_000;

function readErrors({ stderr }: ChildProcess): () => string {
  let text = "";
  stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text = (text + chunk).slice(-KEPT_CHARACTERS);
  });
  return () => (text === "" ? "it wrote nothing to its standard error" : text.trim());
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  const { promise, resolve } = Promise.withResolvers<ProcessExit>();
  child.once("close", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  return promise;
}
