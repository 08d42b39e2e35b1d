import { EventEmitter } from "node:events";
import { isMainThread, threadId } from "node:worker_threads";
import { handle, type TaskContext } from "@umbel/worker";
import { computeFor, noted, noteThat, restFor } from "./handler-tools.ts";
import { readEntries } from "./journal.ts";
import {
  blockOnce,
  exit,
  hoard,
  nativeAbort,
  stray,
  strayAfter,
  threadOf,
  type StrayKind,
} from "./life-tasks.ts";
import type { Noted } from "./tasks.ts";

// What no handler has started: it looks for errors to throw as a library's own timer does.
const background: Error[] = [];
if (isMainThread) {
  setInterval(() => {
    const error = background.pop();
    if (error !== undefined) throw error;
  }, 5).unref();
}

const STRAYS: Readonly<Record<StrayKind, (reason: Error) => void>> = {
  promise: (reason) => void Promise.reject(reason),
  timer: (error) => {
    setTimeout(() => {
      throw error;
    }, 1);
  },
  listener: (error) => setImmediate(() => new EventEmitter().emit("error", error)),
  "late-promise": (reason) => void rejectLater(reason),
  background: (error) => background.push(error),
};

async function rejectLater(reason: Error): Promise<never> {
  await restFor(5, new AbortController().signal);
  throw reason;
}

export const strayHandler = handle(stray, (input, context) =>
  noted(input, context, () => {
    STRAYS[input.how](new Error(`stray ${input.how}`));
    return Promise.withResolvers<never>().promise;
  }),
);

export const strayAfterHandler = handle(strayAfter, (input, context) =>
  noted(input, context, () => {
    setTimeout(() => {
      throw new Error("stray afterwards");
    }, 200);
    return "done";
  }),
);

export const exitHandler = handle(exit, (input, context) => {
  const starts = startedAgain(input, context);
  return starts <= input.times ? process.exit(7) : starts;
});

export const nativeAbortHandler = handle(nativeAbort, (input, context) => {
  const starts = startedAgain(input, context);
  return starts <= input.times ? abortNatively() : starts;
});

// Node keeps process.abort() from threads; native code needs no leave.
function abortNatively(): never {
  process.kill(process.pid, "SIGABRT");
  for (;;) computeFor(1_000);
}

export const blockOnceHandler = handle(blockOnce, (input, context) => {
  if (startedAgain(input, context) === 1) computeFor(input.ms);
  return process.pid;
});

function startedAgain(input: Noted, context: TaskContext): number {
  noteThat("started", input, context);
  return readEntries(input.journal).filter(({ runId }) => runId === context.runId).length;
}

export const threadOfHandler = handle(threadOf, (input, context) =>
  noted(input, context, () => {
    computeFor(input.ms);
    return threadId;
  }),
);

export const hoardHandler = handle(hoard, (input, context) => {
  noteThat("started", input, context);
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => index + kept.length));
});
