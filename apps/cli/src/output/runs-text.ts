import type { RunInfo } from "@umbel/client";
import type { Paint } from "./colour.ts";
import { printable } from "./printable.ts";
import { stateTone } from "./run-text.ts";
import { table } from "./table.ts";
import { formatDistance } from "./time.ts";

/** Runs for people: one line for each. */
export function runsText(
  runs: readonly RunInfo[],
  { paint, now }: { readonly paint: Paint; readonly now: number },
): string {
  const head = ["run", "state", "task", "queue", "attempt", "when", "tags"].map((title) =>
    paint("quiet", title),
  );
  const rows = runs.map((run) => [
    run.runId,
    paint(stateTone(run.state), run.state),
    printable(run.task ?? ""),
    printable(run.queue ?? ""),
    run.attempt === undefined ? "" : String(run.attempt),
    whenText(run, now),
    printable((run.tags ?? []).join(", ")),
  ]);
  return table([head, ...rows]);
}

function whenText({ finishedAt, dueAt, enqueuedAt }: RunInfo, now: number): string {
  if (finishedAt !== undefined) return `ended ${formatDistance(finishedAt, now)}`;
  if (dueAt !== undefined && dueAt > now) return `due ${formatDistance(dueAt, now)}`;
  return enqueuedAt === undefined ? "" : `enqueued ${formatDistance(enqueuedAt, now)}`;
}
