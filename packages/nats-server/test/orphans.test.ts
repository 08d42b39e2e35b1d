import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { eventually } from "@umbel/runtime";
import { expect, test } from "vitest";
import { startServer } from "../src/index.ts";
import { storeMessage, storedMessages } from "./helpers/nats-request.ts";
import { guardsOf, isRunning } from "./helpers/processes.ts";
import { temporaryFolder } from "./helpers/temporary-folder.ts";

const DOOMED = new URL("helpers/doomed-parent.ts", import.meta.url);
const INTERRUPTED = new URL("helpers/interrupted-parent.ts", import.meta.url);

function forkHelper(script: URL, args: readonly string[] = []): ChildProcess {
  return fork(script, args, { execArgv: ["--conditions=source"], detached: true });
}

async function messageOf(child: ChildProcess): Promise<Record<string, unknown>> {
  const [message]: unknown[] = await once(child, "message");
  return Object(message);
}

test("a server does not outlive a parent that is killed, nor does its guard or its temporary store", async () => {
  const parent = forkHelper(DOOMED, [""]);
  const { pid, storeDir } = await messageOf(parent);
  const guards = await guardsOf(Number(parent.pid));
  expect(guards).toHaveLength(1);
  expect(await isRunning(Number(pid))).toBe(true);

  parent.kill("SIGKILL");
  await eventually("the server is gone", async () => !(await isRunning(Number(pid))));
  await eventually("the guard is gone", async () => !(await isRunning(guards[0] ?? 0)));
  await expect(access(String(storeDir))).rejects.toThrow("ENOENT");
});

test("the store that a killed parent gave is kept, and can be used again at once", async () => {
  await using folder = await temporaryFolder();
  const parent = forkHelper(DOOMED, [folder.path]);
  const { port } = await messageOf(parent);
  await storeMessage(Number(port));
  parent.kill("SIGKILL");
  await using server = await startServer({ storeDir: folder.path });
  expect(await storedMessages(server.port)).toBe(1);
});

test("Ctrl-C reaches the parent alone: the server serves until the parent stops it", async () => {
  const parent = forkHelper(INTERRUPTED);
  const { pid } = await messageOf(parent);
  // As a terminal does it: the whole process group of the parent gets the signal.
  process.kill(-Number(parent.pid), "SIGINT");
  expect(await messageOf(parent)).toEqual({ messages: 1, exit: { code: 0, requested: true } });
  expect(await isRunning(Number(pid))).toBe(false);
});
