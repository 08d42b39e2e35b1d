import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { eventually } from "@umbel/runtime";

/** A server that is not ours, and how it is run. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly port: number;
  /** Whom it runs as. @default this user */
  readonly identity?: { readonly uid: number; readonly gid: number } | undefined;
  /** What it says once it is ready, if it takes connections before that. */
  readonly saysReady?: string;
  /** What ends it at once. Its data is thrown away. */
  readonly stopSignal: NodeJS.Signals;
}

const READY_MS = 20_000;
const STOP_MS = 5_000;
const LOG_CHARACTERS = 2_000;

/** Start a server and wait until it takes connections. @throws Error with what it has said, when it does not */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const child = spawn(command.program, command.args, {
    ...command.identity,
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const server = new ServerProcess(child, command.stopSignal);
  try {
    await eventually(`${command.program} takes connections`, () => server.ended || isReady(command, server), {
      timeoutMs: READY_MS,
    });
    if (server.ended) throw new Error(`${command.program} has ended`);
    return server;
  } catch (error) {
    await server.stop();
    throw new Error(`${command.program} could not be started: ${server.log}`, { cause: error });
  }
}

/** A server that runs. It does not outlive this process, unless that is killed. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #stopSignal: NodeJS.Signals;
  readonly #exited: Promise<unknown>;
  readonly #kill = (): void => void this.#child.kill("SIGKILL");
  #log = "";

  constructor(child: ChildProcess, stopSignal: NodeJS.Signals) {
    this.#child = child;
    this.#stopSignal = stopSignal;
    this.#exited = Promise.race([once(child, "exit"), once(child, "error").catch(() => undefined)]);
    const note = (text: Buffer): void => {
      this.#log = (this.#log + text.toString()).slice(-LOG_CHARACTERS);
    };
    child.on("error", (error) => note(Buffer.from(error.message)));
    child.stdout?.on("data", note);
    child.stderr?.on("data", note);
    process.once("exit", this.#kill);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The end of what it has said. */
  get log(): string {
    return this.#log;
  }

  get ended(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return exitCode !== null || signalCode !== null || pid === undefined;
  }

  async stop(): Promise<void> {
    process.off("exit", this.#kill);
    if (this.ended) return;
    const timer = setTimeout(this.#kill, STOP_MS);
    this.#child.kill(this.#stopSignal);
    await this.#exited;
    clearTimeout(timer);
  }
}

async function isReady({ saysReady = "", port }: ServerCommand, { log }: ServerProcess): Promise<boolean> {
  return log.includes(saysReady) && takesConnections(port);
}

function takesConnections(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => resolve(true));
  socket.once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
