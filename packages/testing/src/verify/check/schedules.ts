import type { EndSchedule } from "../history/entries.ts";
import { begunEarly } from "./not-early.ts";
import type { Scheduled, Story } from "./story.ts";
import type { Check } from "./violation.ts";

/** Every firing of a schedule that was put made one run, however late, which ended as it had to and was not early. */
export const checkSchedules: Check = (story) =>
  story.scheduled.flatMap((scheduled) => {
    const schedule = story.end.schedules.get(scheduled.scheduleId);
    const wrong = wrongness(story, scheduled, schedule);
    if (wrong !== undefined) {
      const message = `schedule ${scheduled.scheduleId} ${wrong}`;
      return [{ promise: "one run for each firing", message }];
    }
    return (schedule?.runs ?? []).flatMap(({ runId, fireAt }) =>
      begunEarly(story, { runId, dueAt: fireAt, what: `a run of schedule ${scheduled.scheduleId}` }),
    );
  });

function wrongness(
  { end, limits }: Story,
  { n }: Scheduled,
  schedule: EndSchedule | undefined,
): string | undefined {
  if (schedule === undefined) return "is not there";
  const { state, missedCount, runs } = schedule;
  if (state !== "ended") return `is ${state} at the end`;
  if (missedCount > 0) return `missed ${missedCount} firings`;
  const times = new Set(runs.map(({ fireAt }) => fireAt)).size;
  if (times !== limits.firings || runs.length !== times)
    return `made ${runs.length} runs for ${times} of ${limits.firings} firings`;
  const bad = runs.find(({ runId }) => {
    const record = end.records.get(runId);
    return record?.state !== "succeeded" || record.value !== n;
  });
  if (bad === undefined) return undefined;
  return `has the run ${bad.runId}, which is ${end.records.get(bad.runId)?.state ?? "without any record"}`;
}
