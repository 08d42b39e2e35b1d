import { checkScheduleId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { confirm, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { counted } from "../output/counted.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel schedules delete`. */
export interface SchedulesDeleteFlags extends ConnectionFlags, JsonFlag, YesFlag {}

/** Forget the schedules `ids`. Nothing is deleted when one of them is not there. */
export async function schedulesDelete(
  ids: readonly string[],
  flags: SchedulesDeleteFlags,
  deps: CommandDeps,
): Promise<number> {
  for (const id of ids) checkScheduleId(id, "<ids>");
  return withClient({ flags, options: { provision: false } }, deps, async ({ schedules }) => {
    for (const id of ids) await schedules.next(id, 1);
    const what = counted(ids.length, "schedule", "schedules");
    const question = `Delete ${what} (${ids.join(", ")}) with the history?`;
    if (!(await confirm(question, flags, deps))) return EXIT.failed;
    for (const id of ids) await schedules.delete(id);
    const { out } = deps.terminal;
    out.line(wantsJson(flags, deps.env) ? JSON.stringify({ deleted: ids }) : `deleted ${what}`);
    return EXIT.ok;
  });
}
