import { fork } from "node:child_process";
import { once } from "node:events";
import { nearestName, UmbelError } from "@umbel/protocol";
import { withDeadline } from "@umbel/runtime";
import type { CommandDeps } from "../command-deps.ts";
import { findModules, type ModulesFlag } from "../find-module.ts";
import { siblingEntry } from "../sibling-entry.ts";
import { isTasksMessage, type KnownTask } from "./known-task.ts";

const PATIENCE_MS = 20_000;

/**
 * What the modules of the configuration say of the task named `name`; `undefined` when there are none. One that none
 * of them handles is warned about.
 *
 * @throws UmbelError `handler_missing` for a module that cannot be loaded: nobody knows where the run would go.
 */
export async function findTask(
  name: string,
  flags: ModulesFlag,
  { terminal: { err }, cwd }: CommandDeps,
): Promise<KnownTask | undefined> {
  if (flags.modules === undefined) return undefined;
  const tasks = await askProcess((await findModules([], flags, cwd)).map(String));
  const known = tasks.find((task) => task.name === name);
  if (known !== undefined) return known;
  const nearest = nearestName(
    name,
    tasks.map((task) => task.name),
  );
  const hint = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  err.line(
    `${err.paint("warning", "warning:")} no module of umbel.config.ts handles the task "${name}".${hint}`,
  );
  return undefined;
}

async function askProcess(urls: readonly string[]): Promise<readonly KnownTask[]> {
  const child = fork(siblingEntry(import.meta.url, "tasks-process"), [], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  try {
    child.send(urls, () => undefined);
    const told = once(child, "message").then(([message]: unknown[]) => message);
    const ended = once(child, "exit").then(() => undefined);
    const message = await withDeadline(Promise.race([told, ended]), PATIENCE_MS);
    if (!isTasksMessage(message)) throw unreadable("the modules end their process, or take too long to load");
    if ("problem" in message) throw unreadable(message.problem);
    return message.tasks;
  } finally {
    child.kill("SIGKILL");
  }
}

function unreadable(problem: string): UmbelError {
  return new UmbelError("handler_missing", `${problem}. --queue names the queue without them.`);
}
