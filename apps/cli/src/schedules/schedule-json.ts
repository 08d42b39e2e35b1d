import type { ScheduledRun, ScheduleInfo } from "@umbel/client";
import { defined } from "../input/defined.ts";
import { isoTime } from "../output/time.ts";

/** A schedule for programs: times in ISO 8601. The input is left as it is, for `renderJson`. */
export function scheduleJson(schedule: ScheduleInfo): object {
  const { when, paused, start, end, nextFireAt, createdAt, changedAt, runs, missed, ...rest } = schedule;
  return {
    ...rest,
    when: when.kind === "at" ? { ...when, at: isoTime(when.at) } : when,
    ...(paused === undefined ? {} : { paused: { ...paused, at: isoTime(paused.at) } }),
    ...defined({ start: isoTime(start), end: isoTime(end), nextFireAt: isoTime(nextFireAt) }),
    runs: runs.map(runJson),
    missed: missed.map(({ fireAt, ...miss }) => ({ ...miss, fireAt: isoTime(fireAt) })),
    createdAt: isoTime(createdAt),
    changedAt: isoTime(changedAt),
  };
}

function runJson({ fireAt, at, ...run }: ScheduledRun): object {
  return { ...run, fireAt: isoTime(fireAt), at: isoTime(at) };
}
