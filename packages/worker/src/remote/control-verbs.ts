import {
  checkFields,
  checkFlag,
  checkQueueName,
  invalidArgument,
  nearestName,
  parsePositiveDuration,
  parseRate,
  type ControlAnswers,
  type ControlVerb,
  type RequestArgs,
} from "@umbel/protocol";
import { withDeadline } from "@umbel/runtime";
import { checkRunIds } from "./inspect-verbs.ts";
import { checkLogLevel, setLogLevel } from "./log-level.ts";
import type { RemoteParts } from "./remote-parts.ts";

type Verbs = {
  readonly [Verb in ControlVerb]: (
    remote: RemoteParts,
    args: RequestArgs,
  ) => ControlAnswers[Verb] | Promise<ControlAnswers[Verb]>;
};

/** Pulls take seconds to end, and what executes may take hours: nobody waits for that here. */
const LEAVE_PATIENCE_MS = 100;

/** What a worker does when it is told. They throw UmbelError; then nothing has changed. */
export const CONTROL: Verbs = {
  "add-queue": async ({ parts, changes }, args) => {
    checkFields(args, "args", ["queue"]);
    await changes.addQueue(checkQueueName(args["queue"]));
    return { queues: parts.consumption.queues };
  },
  "remove-queue": async ({ parts, changes }, args) => {
    checkFields(args, "args", ["queue"]);
    const removed = changes.removeQueue(checkServedQueue(args["queue"], parts)).then(() => true);
    const left = (await withDeadline(removed, LEAVE_PATIENCE_MS)) === true;
    return { queues: parts.consumption.queues, left };
  },
  resize: ({ parts, changes }, args) => {
    checkFields(args, "args", ["concurrency", "threads"]);
    changes.resize(args);
    return { slots: parts.slots.loop.size, threads: parts.slots.thread.size };
  },
  "rate-limit": ({ parts }, args) => {
    checkFields(args, "args", ["task", "rate"]);
    const task = checkKnownTask(args["task"], parts);
    const rate = args["rate"] ?? null;
    const limit = rate === null ? undefined : { intervalMs: parseRate(rate), rate: textOf(rate) };
    parts.rates.set(task, limit);
    parts.consumption.kick();
    return { task, rate: limit?.rate ?? null };
  },
  "time-limit": ({ parts }, args) => {
    checkFields(args, "args", ["task", "timeout"]);
    const task = checkKnownTask(args["task"], parts);
    const timeout = args["timeout"] ?? null;
    const timeoutMs = timeout === null ? null : parsePositiveDuration(timeout, "timeout");
    if (timeoutMs === null) parts.timeLimits.delete(task);
    else parts.timeLimits.set(task, timeoutMs);
    return { task, timeoutMs };
  },
  drain: ({ parts, changes }, args) => {
    checkFields(args, "args", []);
    changes.drain();
    return { held: parts.active.size };
  },
  undrain: ({ parts, changes }, args) => {
    checkFields(args, "args", []);
    changes.undrain();
    return { held: parts.active.size };
  },
  shutdown: ({ parts, stop }, args) => {
    checkFields(args, "args", ["now", "by"]);
    const hurry = checkFlag(args["now"] ?? false, "now");
    const { by } = args;
    const who = typeof by === "string" && by !== "" ? ` by ${by.slice(0, 200)}` : "";
    // The answer first.
    setImmediate(() => stop({ reason: `it was told to shut down${who}`, hurry }));
    return { held: parts.active.size };
  },
  "log-level": ({ parts }, args) => {
    checkFields(args, "args", ["level"]);
    const level = checkLogLevel(args["level"]);
    const before = setLogLevel(parts.logger, level);
    parts.logging.verbose = level === "debug";
    return { level, before };
  },
  terminate: ({ parts }, args) => {
    const runIds = [...checkRunIds(args)].filter((runId) => parts.active.terminate(runId, "cancelled"));
    return { runIds };
  },
};

function checkServedQueue(value: unknown, { consumption }: RemoteParts["parts"]): string {
  const { queues } = consumption;
  const queue = checkQueueName(value);
  if (queues.includes(queue)) return queue;
  throw invalidArgument({ field: "queue", received: queue, expected: `one of ${queues.join(", ")}` });
}

// It has been read as a rate already.
function textOf(rate: unknown): string {
  return typeof rate === "string" ? rate : "";
}

function checkKnownTask(value: unknown, { tasks }: RemoteParts["parts"]): string {
  const found = tasks.find((task) => task === value);
  if (found !== undefined) return found;
  const nearest = nearestName(String(value), tasks);
  throw invalidArgument({
    field: "task",
    received: value,
    expected: "a task that this worker has a handler for",
    ...(nearest === undefined ? {} : { fix: `Did you mean "${nearest}"?` }),
  });
}
