import type { ScheduleScan } from "@umbel/broker";
import { counted } from "../output/counted.ts";
import { formatDuration } from "../output/time.ts";
import { checker, type Check } from "./check.ts";

/** Whether runs with a delay start when they are due, by the server's schedules at `now`. Pure. */
export function checkOverdue({ overdue, scanned, next }: ScheduleScan, now: number): Check {
  const { ok, warn } = checker("schedules");
  const rest = next === 1 ? "" : ", and there are more";
  const [first, ...others] = overdue.toSorted((left, right) => left.firesAt - right.firesAt);
  if (first === undefined)
    return ok(`${counted(scanned, "delayed run", "delayed runs")}, none overdue${rest}`);
  const count = others.length + 1;
  const runId = first.subject.slice(first.subject.lastIndexOf(".") + 1);
  return warn(
    `${counted(count, "delayed run has", "delayed runs have")} not started when due, such as ${runId}, ${formatDuration(now - first.firesAt)} ago`,
    "Workers look for these twice a minute and start them: start one. The server's storage was full when they were " +
      "due, most likely: see that it has room.",
  );
}
