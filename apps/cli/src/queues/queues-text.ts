import type { QueuePause } from "@umbel/protocol";
import type { Paint } from "../output/colour.ts";
import { printable } from "../output/printable.ts";
import { table } from "../output/table.ts";
import { formatDistance } from "../output/time.ts";
import type { QueueReport } from "./queue-report.ts";

const HEAD = ["queue", "high", "normal", "low", "keyed", "lanes", "delayed", "retrying", "running", "state"];

/** Queues for people: one a line. */
export function queuesText(
  queues: readonly QueueReport[],
  { paint, now }: { readonly paint: Paint; readonly now: number },
): string {
  if (queues.length === 0) return "there are no queues yet: nothing was enqueued, and no worker was started";
  const rows = queues.map(({ queue, ready, keyed, lanes, delayed, retrying, running, paused }) => [
    queue,
    ...[ready.high, ready.normal, ready.low, keyed].map(String),
    lanes === 0 ? "-" : String(lanes),
    ...[delayed, retrying, running].map(String),
    paused === undefined ? paint("good", "open") : paint("warning", pauseText(paused, now)),
  ]);
  return table([HEAD.map((name) => paint("quiet", name)), ...rows]);
}

/** Since when, how long, why and by whom a queue is paused. */
export function pauseText({ at, until, reason, by }: QueuePause, now: number): string {
  const parts = [
    `paused ${formatDistance(at, now)}`,
    ...(by === undefined ? [] : [`by ${printable(by)}`]),
    ...(until === undefined ? [] : [`ends ${formatDistance(until, now)}`]),
    ...(reason === undefined ? [] : [printable(reason)]),
  ];
  return parts.join(", ");
}
