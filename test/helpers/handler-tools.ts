import { existsSync } from "node:fs";
import type { TaskContext } from "@umbel/worker";
import { sleep } from "@umbel/runtime";
import { gatePath, note, type JournalEntry } from "./journal.ts";
import type { Noted, Seen } from "./tasks.ts";

/** Write down that a handler did something. */
export function noteThat(what: JournalEntry["what"], { journal }: Noted, context: TaskContext): void {
  const { runId, task, attempt, delivery, start, fence } = context;
  note(journal, { what, runId, task, attempt, delivery, start, fence, pid: process.pid, at: Date.now() });
}

/** Call `work` between two notes, or with a note that it was aborted. */
export async function noted<T>(input: Noted, context: TaskContext, work: () => T | Promise<T>): Promise<T> {
  noteThat("started", input, context);
  try {
    const value = await work();
    noteThat("ended", input, context);
    return value;
  } catch (error) {
    noteThat(context.signal.aborted ? "aborted" : "ended", input, context);
    throw error;
  }
}

/** Resolves when one of the gates is open. @throws the reason of `signal` */
export async function passGate(
  { journal }: Noted,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  while (!names.some((name) => existsSync(gatePath(journal, name)))) {
    signal?.throwIfAborted();
    await sleep(5);
  }
}

/** Resolves after `ms` milliseconds. @throws the reason of `signal` as soon as it aborts */
export async function restFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, signal);
  signal.throwIfAborted();
}

/** Compute, without a break. */
export function computeFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(Math.random());
}

/** End this process as a crash would, and never return. */
export function killProcess(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return Promise.withResolvers<never>().promise;
}

/** What `context` says. */
export function seen(context: TaskContext): Seen {
  const { attempt, delivery, start, headers, tags, span } = context;
  return { pid: process.pid, attempt, delivery, start, headers, tags, traceId: span?.spanContext().traceId };
}
