import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { EnqueueOptions } from "@umbel/client";
import type { TestMesh } from "@umbel/testing";

/** What a process of its own enqueues, all at once. */
export interface EnqueuingRequest {
  readonly servers: readonly string[];
  readonly mesh: string;
  readonly task: string;
  readonly inputs: readonly unknown[];
  readonly options: EnqueueOptions;
  /** Stop for good between the lock and the run, and say so. */
  readonly stopWhenLocked?: boolean;
}

/** What became of one enqueue. */
export interface EnqueuedReply {
  readonly id: string;
  readonly existed: boolean;
}

/** A process that enqueues when it is told to. */
export interface EnqueuingProcess {
  /** Enqueue now. */
  readonly enqueue: () => Promise<readonly EnqueuedReply[]>;
  /** Begin to enqueue, and resolve to the run's id when it is locked and not enqueued. */
  readonly lock: () => Promise<string>;
  /** End it as a crash would; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

const PROGRAM = new URL("enqueuing-program.ts", import.meta.url).pathname;

/** Start a process that is connected and waits. */
export async function startEnqueuing(
  mesh: TestMesh,
  request: Omit<EnqueuingRequest, "servers" | "mesh">,
): Promise<EnqueuingProcess> {
  const argument: EnqueuingRequest = { servers: mesh.urls, mesh: mesh.name, ...request };
  const child = spawn(process.execPath, ["--conditions=source", PROGRAM, JSON.stringify(argument)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the enqueuing process has ended");
    return value;
  };
  await nextLine();
  const go = async (): Promise<string> => {
    child.stdin.write("go\n");
    return nextLine();
  };
  return {
    enqueue: async () => JSON.parse(await go()),
    lock: async () => (await go()).replace("locked ", ""),
    kill: () => killed(child),
  };
}

function killed(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.kill("SIGKILL");
  return promise;
}

/** Let `count` processes enqueue the same at once, each as often as there are inputs. */
export async function enqueueFromProcesses(
  mesh: TestMesh,
  count: number,
  request: (index: number) => Omit<EnqueuingRequest, "servers" | "mesh">,
): Promise<readonly EnqueuedReply[]> {
  const children = await Promise.all(
    Array.from({ length: count }, (_, index) => startEnqueuing(mesh, request(index))),
  );
  return (await Promise.all(children.map((child) => child.enqueue()))).flat();
}
