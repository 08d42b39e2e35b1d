import type { ScheduleInfo } from "@umbel/client";
import type { CommandDeps } from "../command-deps.ts";
import { wantsJson, type JsonFlag } from "../connection-flags.ts";
import { renderJson } from "../output/json.ts";
import { formatDistance } from "../output/time.ts";
import { scheduleJson } from "./schedule-json.ts";
import { momentText } from "./schedules-text.ts";

/** Tell what a schedule is now. */
export function tellSchedule(schedule: ScheduleInfo, flags: JsonFlag, { env, terminal }: CommandDeps): void {
  const { out } = terminal;
  if (wantsJson(flags, env)) return out.line(renderJson(scheduleJson(schedule)));
  const { id, version, state, nextFireAt, when } = schedule;
  const next =
    nextFireAt === undefined
      ? ""
      : `, next ${formatDistance(nextFireAt, Date.now())} (${momentText(nextFireAt, when)})`;
  out.line(`${id}: ${state}, version ${version}${next}`);
}
