import { checkScheduleId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { defined } from "../input/defined.ts";
import { tellSchedule } from "../schedules/tell-schedule.ts";
import { withClient } from "../with-client.ts";
import type { SchedulesChangeFlags } from "./schedules-resume.ts";

/** The flags of `umbel schedules pause`. */
export interface SchedulesPauseFlags extends SchedulesChangeFlags {
  readonly reason?: string;
}

/** Let the schedule `id` make no runs. */
export async function schedulesPause(
  id: string,
  flags: SchedulesPauseFlags,
  deps: CommandDeps,
): Promise<number> {
  checkScheduleId(id, "<id>");
  const { reason, ifVersion: version, by } = flags;
  return withClient({ flags, options: { provision: false } }, deps, async ({ schedules }) => {
    tellSchedule(await schedules.pause(id, defined({ reason, version, by })), flags, deps);
    return EXIT.ok;
  });
}
