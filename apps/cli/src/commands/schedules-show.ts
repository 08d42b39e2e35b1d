import { checkScheduleId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson } from "../connection-flags.ts";
import { renderJson } from "../output/json.ts";
import { isoTime } from "../output/time.ts";
import { scheduleJson } from "../schedules/schedule-json.ts";
import { scheduleText } from "../schedules/schedules-text.ts";
import { withClient } from "../with-client.ts";
import type { SchedulesListFlags } from "./schedules-list.ts";

const SHOWN_TIMES = 5;

/** Show all about the schedule `id`. */
export async function schedulesShow(
  id: string,
  flags: SchedulesListFlags,
  deps: CommandDeps,
): Promise<number> {
  checkScheduleId(id, "<id>");
  const { out } = deps.terminal;
  return withClient({ flags, options: { provision: false } }, deps, async ({ schedules }) => {
    const [schedule, next] = await Promise.all([schedules.get(id), schedules.next(id, SHOWN_TIMES)]);
    if (wantsJson(flags, deps.env))
      out.line(renderJson({ ...scheduleJson(schedule), next: next.map(isoTime) }));
    else out.line(scheduleText(schedule, next, { paint: out.paint, now: Date.now() }));
    return EXIT.ok;
  });
}
