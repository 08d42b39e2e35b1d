import type { WorkerStatus } from "@umbel/client";
import type { Tone } from "../output/colour.ts";
import { formatBytes } from "../output/bytes.ts";
import { formatDistance, formatDuration } from "../output/time.ts";
import { pauseText } from "../queues/queues-text.ts";
import type { TopDead, TopQueue } from "./facts.ts";
import type { Cell } from "./grid.ts";
import type { TopRun } from "./select.ts";

/** A part of the screen: a head, and a row for each thing. */
export interface Section {
  readonly head: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
  /** What stands there when there are no rows. */
  readonly none: string;
}

/** How times are told. */
export interface Moment {
  readonly now: number;
}

/** The queues, with a mark beside the one that keys are about. */
export function queueSection(
  queues: readonly TopQueue[],
  { now, selected }: Moment & { readonly selected: string | undefined },
): Section {
  return {
    head: head([" ", "QUEUE"], ["WAITING", "HELD", "DELAYED", "RETRYING", "IN/S", "OUT/S"], ["STATE"]),
    none: "no queues",
    rows: queues.map((queue) => {
      const chosen = queue.queue === selected;
      return [
        { text: chosen ? ">" : " ", tone: "code" },
        { text: queue.queue, tone: chosen ? "strong" : undefined },
        number(queue.waiting, queue.waiting > 0 && queue.running === 0 ? "warning" : undefined),
        number(queue.running),
        number(queue.delayed),
        number(queue.retrying),
        rate(queue.inPerSecond),
        rate(queue.outPerSecond),
        queue.paused === undefined
          ? { text: "open", tone: "good" }
          : { text: pauseText(queue.paused, now), tone: "warning" },
      ];
    }),
  };
}

const STATE_TONES: Readonly<Record<WorkerStatus["state"], Tone>> = {
  running: "good",
  draining: "warning",
  stopping: "warning",
  silent: "bad",
  lost: "bad",
};

/** The workers, as they tell of themselves. */
export function workerSection(workers: readonly WorkerStatus[], { now }: Moment): Section {
  return {
    head: head(
      ["", "WORKER", "STATE"],
      ["LOOP", "THREADS", "HELD", "DONE", "FAILED", "DELAY", "RSS"],
      ["UP", "QUEUES"],
    ),
    none: "no workers",
    rows: workers.map(({ name, state, slots, held, counts, loop, memory, startedAt, queues, ageMs }) => [
      { text: " " },
      { text: name },
      {
        text: state === "silent" || state === "lost" ? `${state} ${formatDuration(ageMs)}` : state,
        tone: STATE_TONES[state],
      },
      { text: `${slots.loop.busy}/${slots.loop.total}`, right: true },
      { text: `${slots.thread.busy}/${slots.thread.total}`, right: true },
      number(held),
      number(counts.succeeded),
      number(counts.failed, counts.failed > 0 ? "bad" : undefined),
      {
        text: formatDuration(loop.delayP99Ms),
        right: true,
        tone: loop.delayP99Ms > SLOW_MS ? "warning" : undefined,
      },
      { text: formatBytes(memory.rssBytes), right: true },
      { text: formatDuration(now - startedAt) },
      { text: queues.join(",") },
    ]),
  };
}

/** An event loop that is later than this has something that blocks it. */
const SLOW_MS = 200;

/** What workers hold, the longest first. */
export function runSection(runs: readonly TopRun[], { now }: Moment): Section {
  return {
    head: head([" ", "RUNNING", "TASK", "QUEUE"], ["ATTEMPT", "FOR"], ["WORKER"]),
    none: "nothing runs",
    rows: runs.map(({ runId, task, queue, attempt, startedAt, worker }) => [
      { text: " " },
      { text: runId },
      { text: task },
      { text: queue },
      { text: attempt === undefined ? "" : String(attempt), right: true },
      { text: startedAt === undefined ? "" : formatDuration(Math.max(0, now - startedAt)), right: true },
      { text: worker },
    ]),
  };
}

/** The latest dead letters. */
export function deadSection(dead: readonly TopDead[], { now }: Moment): Section {
  return {
    head: head([" ", "DEAD LETTER", "TASK", "QUEUE", "DIED", "WHY"], [], []),
    none: "no dead letters",
    rows: dead.map(({ runId, task, queue, at, why }) => [
      { text: " " },
      { text: runId, tone: "bad" },
      { text: task },
      { text: queue },
      { text: at === undefined ? "" : formatDistance(at, now) },
      { text: why },
    ]),
  };
}

function head(left: readonly string[], numbers: readonly string[], rest: readonly string[]): readonly Cell[] {
  const title = (text: string): Cell => ({ text, tone: "quiet" });
  return [
    ...left.map(title),
    ...numbers.map((text) => ({ ...title(text), right: true as const })),
    ...rest.map(title),
  ];
}

function number(value: number, tone?: Tone): Cell {
  return { text: String(value), right: true, tone };
}

function rate(perSecond: number | undefined): Cell {
  if (perSecond === undefined) return { text: "-", right: true };
  return {
    text: perSecond >= 10 || perSecond === 0 ? String(Math.round(perSecond)) : perSecond.toFixed(1),
    right: true,
  };
}
