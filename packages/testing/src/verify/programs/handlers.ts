import { handle, type Handler, type TaskContext } from "@umbel/worker";
import { sleep } from "@umbel/runtime";
import type { HandlerEntry } from "../history/entries.ts";
import { Journal, JOURNAL_VARIABLE } from "../history/journal.ts";
import { SKEW_VARIABLE, skewClock, trueNow } from "./skewed-clock.ts";
import { compute, latest, single, step, work, type Work } from "./tasks.ts";

const skewMs = Number(process.env[SKEW_VARIABLE] ?? 0);
if (skewMs !== 0) skewClock(skewMs);

const journal = new Journal(process.env[JOURNAL_VARIABLE] ?? ".", `worker-${process.pid}`, trueNow);

async function perform(input: Work, context: TaskContext): Promise<number> {
  noteThat("started", input, context);
  try {
    await sleep(input.workMs, context.signal);
    context.signal.throwIfAborted();
    await enqueueChildren(input, context);
    return finish(input, context);
  } catch (error) {
    noteThat(context.signal.aborted ? "aborted" : "failed", input, context);
    throw error;
  }
}

function performOnThread(input: Work, context: TaskContext): number {
  noteThat("started", input, context);
  const end = performance.now() + input.workMs;
  while (performance.now() < end) Math.sqrt(Math.random());
  try {
    return finish(input, context);
  } catch (error) {
    noteThat("failed", input, context);
    throw error;
  }
}

function finish(input: Work, context: TaskContext): number {
  if (context.attempt <= input.failures)
    throw new Error(`attempt ${context.attempt} fails as it was told to`);
  noteThat("ended", input, context);
  return input.n;
}

async function enqueueChildren({ n, children }: Work, context: TaskContext): Promise<void> {
  for (let index = 0; index < children; index++) {
    const child = await context.enqueue(work, { n, workMs: 1, failures: 0, children: 0, key: "" });
    journal.note({ what: "child", n, parentId: context.runId, index, runId: child.id });
  }
}

function noteThat(what: HandlerEntry["what"], { n }: Work, context: TaskContext): void {
  const { runId, attempt, delivery, start, fence } = context;
  journal.note({ what, n, runId, attempt, delivery, start, fence, pid: process.pid });
}

export const workHandler: Handler = handle(work, perform);
export const computeHandler: Handler = handle(compute, performOnThread);
export const stepHandler: Handler = handle(step, perform);
export const singleHandler: Handler = handle(single, perform);
export const latestHandler: Handler = handle(latest, perform);
