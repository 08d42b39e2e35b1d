import type { WorkerState, WorkerStatus } from "@umbel/client";
import { formatBytes } from "../output/bytes.ts";
import type { Paint, Tone } from "../output/colour.ts";
import { printable } from "../output/printable.ts";
import { fields, table } from "../output/table.ts";
import { formatDistance, formatDuration, formatMoment } from "../output/time.ts";

/** How things are written for people, and when. */
export interface TextOptions {
  readonly paint: Paint;
  readonly now: number;
}

const HEAD = ["worker", "state", "slots", "held", "done", "failed", "loop", "memory", "up", "queues"];
const TONES: Readonly<Record<WorkerState, Tone>> = {
  running: "good",
  draining: "warning",
  stopping: "warning",
  silent: "warning",
  lost: "bad",
};

/** Workers for people: one a line. */
export function workersText(workers: readonly WorkerStatus[], { paint, now }: TextOptions): string {
  if (workers.length === 0) return "there are no workers: start one with umbel worker <modules...>";
  const rows = workers.map((worker) => [
    printable(shownName(worker, workers)),
    stateText(worker, paint),
    `${worker.slots.loop.busy + worker.slots.thread.busy}/${slotsOf(worker)}`,
    String(worker.held),
    String(worker.counts.succeeded),
    String(worker.counts.failed),
    `${Math.round(worker.loop.utilisation * 100)} %`,
    formatBytes(worker.memory.rssBytes),
    formatDuration(Math.max(0, now - worker.startedAt)),
    printable(worker.queues.join(", ")),
  ]);
  return table([HEAD.map((name) => paint("quiet", name)), ...rows]);
}

/** How a worker is called among others: by its name, or by its id when others have that name too. Pure. */
export function shownName(
  { id, name }: Pick<WorkerStatus, "id" | "name">,
  among: readonly Pick<WorkerStatus, "name">[],
): string {
  return among.filter((other) => other.name === name).length > 1 ? id : name;
}

// Nobody uses the slots of threads where no task needs one.
function slotsOf({ slots, threads }: WorkerStatus): number {
  return slots.loop.total + (threads === undefined ? 0 : slots.thread.total);
}

function stateText({ state, ageMs }: WorkerStatus, paint: Paint): string {
  const silent = state === "silent" || state === "lost";
  return paint(TONES[state], silent ? `${state} for ${formatDuration(ageMs)}` : state);
}

/** All that is known of one worker, for people. */
export function workerText(worker: WorkerStatus, { paint, now }: TextOptions): string {
  const { slots, threads, counts, loop, memory } = worker;
  const facts = fields(
    [
      ["worker", printable(worker.id)],
      ["name", printable(worker.name)],
      ["state", stateText(worker, paint)],
      ["host", `${printable(worker.host)}, process ${worker.pid}`],
      ["version", `Umbel ${printable(worker.version)} on Node ${printable(worker.node)}`],
      ["started", `${formatMoment(worker.startedAt)}, ${formatDistance(worker.startedAt, now)}`],
      ["queues", printable(worker.queues.join(", "))],
      ["tasks", tasksText(worker)],
      ["slots", `${slots.loop.busy} of ${slots.loop.total} busy on the loop${threadSlots(worker)}`],
      ["threads", threads && `${threads.busy} of ${threads.total} busy, ${threads.replaced} replaced`],
      ["held", `${worker.held}, and ${worker.reserved} that wait here`],
      [
        "counts",
        Object.entries(counts)
          .map(([name, count]) => `${count} ${name}`)
          .join(", "),
      ],
      [
        "loop",
        `${Math.round(loop.utilisation * 100)} % busy, late by ${loop.delayP99Ms} ms (p99), ${loop.delayMaxMs} ms at most`,
      ],
      ["memory", `${formatBytes(memory.rssBytes)}, of it ${formatBytes(memory.heapUsedBytes)} of heap`],
      ["told", `${formatDuration(worker.ageMs)} ago`],
    ],
    (label) => paint("quiet", label),
  );
  return worker.runs.length === 0 ? facts : `${facts}\n\n${runsTable(worker, { paint, now })}`;
}

function tasksText({ tasks, taskCount }: WorkerStatus): string {
  const more = taskCount - tasks.length;
  return printable(tasks.join(", ")) + (more > 0 ? ` and ${more} more` : "");
}

function threadSlots({ slots, threads }: WorkerStatus): string {
  return threads === undefined ? "" : `, ${slots.thread.busy} of ${slots.thread.total} on threads`;
}

function runsTable({ runs }: WorkerStatus, { paint, now }: TextOptions): string {
  const rows = runs.map(({ runId, task, queue, attempt, startedAt }) => [
    printable(runId),
    printable(task),
    printable(queue),
    attempt === undefined ? "-" : String(attempt),
    startedAt === undefined ? "-" : formatDuration(Math.max(0, now - startedAt)),
  ]);
  return table([["run", "task", "queue", "attempt", "for"].map((name) => paint("quiet", name)), ...rows]);
}
