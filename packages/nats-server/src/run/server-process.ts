import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import { UmbelError } from "@umbel/protocol";

/** How a server ended. */
export interface ServerExit {
  /** Its exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  /** The signal that ended it; `undefined` when it ended by itself. */
  readonly signal: NodeJS.Signals | undefined;
  /** Whether it was told to end by `stop()`, `kill()` or `restart()`; `false` means that it failed. */
  readonly requested: boolean;
}

/** A running nats-server and the guard beside it. */
export interface ServerProcess {
  /** The nats-server's own process id. */
  readonly pid: number;
  /** Resolves when the server has ended and its guard too. Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Send a signal that ends it; nothing happens when it has ended. */
  end(signal: "SIGTERM" | "SIGKILL"): void;
}

/** What is started, and what is to be left behind by it. */
export interface ServerCommand {
  readonly binary: string;
  readonly configFile: string;
  /** Receives everything the server writes, at its end. */
  readonly logFile: string;
  /** A folder that nobody needs when this process dies without a goodbye. */
  readonly temporaryDir: string | undefined;
}

// Both scripts wait on a pipe that this process holds: the kernel closes it however this process ends.
//
// The server is not started before the guard knows its process id, so there is no moment, however short, in
// which the death of this process leaves a server behind. `exec` keeps the process id.
const SERVER_SCRIPT = 'read -r go && exec "$0" -c "$1" </dev/null';
// A line on the pipe means that the server has ended; its end without a line means that we have.
const GUARD_SCRIPT = [
  'trap "" HUP INT TERM',
  "read -r server || exit 0",
  "read -r ended && exit 0",
  'kill -KILL "$server"',
  'test -z "$1" || { sleep 1; rm -rf -- "$1"; }',
].join("\n");

/**
 * Start a nats-server in a session of its own: Ctrl-C in a terminal does not reach it, this process decides
 * when it ends. When this process dies, by SIGKILL even, the guard kills the server.
 *
 * @throws UmbelError `server_failed` when there is no process to be had.
 */
export async function launchServer(command: ServerCommand): Promise<ServerProcess> {
  const log = await open(command.logFile, "a");
  try {
    const guard = spawn("/bin/sh", ["-c", GUARD_SCRIPT, "guard", command.temporaryDir ?? ""], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const server = spawn("/bin/sh", ["-c", SERVER_SCRIPT, command.binary, command.configFile], {
      detached: true,
      stdio: ["pipe", log.fd, log.fd],
    });
    return await connect(server, guard);
  } finally {
    await log.close();
  }
}

async function connect(server: ChildProcess, guard: ChildProcess): Promise<ServerProcess> {
  const guardPipe = pipeOf(guard);
  const serverPipe = pipeOf(server);
  const guardEnded = ended(guard);
  const serverEnded = ended(server);
  try {
    await Promise.all([once(server, "spawn"), once(guard, "spawn")]);
    await writeLine(guardPipe, String(server.pid));
  } catch (cause) {
    serverPipe.end();
    guardPipe.end();
    throw new UmbelError("server_failed", "nats-server cannot be started: /bin/sh does not run.", { cause });
  }
  serverPipe.end("go\n");
  let requested = false;
  return {
    pid: server.pid ?? 0,
    exited: serverEnded.then(async () => {
      guardPipe.end("ended\n");
      await guardEnded;
      return { code: server.exitCode ?? undefined, signal: server.signalCode ?? undefined, requested };
    }),
    end: (signal) => {
      requested ||= server.exitCode === null && server.signalCode === null;
      server.kill(signal);
    },
  };
}

function pipeOf({ stdin }: ChildProcess): Writable {
  if (stdin === null) throw new TypeError("the process has no pipe");
  // The other end may be gone already; that it has ended is what we hear of by its exit.
  return stdin.on("error", () => undefined);
}

async function writeLine(pipe: Writable, line: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  pipe.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  return promise;
}

// A process that could not be started has an "error" and no "exit".
async function ended(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve()).once("error", () => resolve());
  return promise;
}
