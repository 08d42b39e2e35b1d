import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { renderJson } from "../output/json.ts";
import { scheduleJson } from "../schedules/schedule-json.ts";
import { schedulesText } from "../schedules/schedules-text.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel schedules list` and `show`. */
export interface SchedulesListFlags extends ConnectionFlags, JsonFlag {}

/** Show every schedule. */
export async function schedulesList(flags: SchedulesListFlags, deps: CommandDeps): Promise<number> {
  const { out } = deps.terminal;
  return withClient({ flags, options: { provision: false } }, deps, async ({ schedules }) => {
    const found = await schedules.list();
    if (wantsJson(flags, deps.env)) out.line(renderJson({ schedules: found.map(scheduleJson) }));
    else out.line(schedulesText(found, { paint: out.paint, now: Date.now() }));
    return EXIT.ok;
  });
}
