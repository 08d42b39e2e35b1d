import { checkScheduleId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import type { ConnectionFlags, JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { tellSchedule } from "../schedules/tell-schedule.ts";
import { withClient } from "../with-client.ts";

/** The flags of commands that change a schedule. */
export interface SchedulesChangeFlags extends ConnectionFlags, JsonFlag {
  readonly ifVersion?: number;
  readonly by?: string;
}

/** Let the schedule `id` make runs again. */
export async function schedulesResume(
  id: string,
  flags: SchedulesChangeFlags,
  deps: CommandDeps,
): Promise<number> {
  checkScheduleId(id, "<id>");
  const { ifVersion: version, by } = flags;
  return withClient({ flags, options: { provision: false } }, deps, async ({ schedules }) => {
    tellSchedule(await schedules.resume(id, defined({ version, by })), flags, deps);
    return EXIT.ok;
  });
}
