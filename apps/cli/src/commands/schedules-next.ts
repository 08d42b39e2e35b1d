import { previewSchedule } from "@umbel/client";
import { checkScheduleId, invalidArgument, type ScheduleRule } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { isoTime } from "../output/time.ts";
import { timingOf, type TimingFlags } from "../schedules/schedule-flags.ts";
import { momentText } from "../schedules/schedules-text.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel schedules next`. */
export interface SchedulesNextFlags extends ConnectionFlags, JsonFlag, TimingFlags {
  readonly count: number;
}

interface Upcoming {
  readonly next: readonly number[];
  readonly clocks: Pick<ScheduleRule, "kind"> & { readonly timeZone?: string };
}

/** Show when a schedule fires next; without an `id`, when the times of the flags would. */
export async function schedulesNext(
  id: string | undefined,
  flags: SchedulesNextFlags,
  deps: CommandDeps,
): Promise<number> {
  const { out, err } = deps.terminal;
  const { next, clocks } = id === undefined ? preview(flags) : await ask(id, flags, deps);
  if (wantsJson(flags, deps.env)) out.line(JSON.stringify({ next: next.map(isoTime) }));
  else if (next.length === 0) err.line("It does not fire any more, or is paused.");
  else for (const at of next) out.line(momentText(at, clocks));
  return EXIT.ok;
}

function preview(flags: SchedulesNextFlags): Upcoming {
  const timing = timingOf(flags);
  const { timeZone } = timing;
  return {
    next: previewSchedule(timing, { count: flags.count }),
    clocks: { kind: "cron", ...(timeZone === undefined ? {} : { timeZone }) },
  };
}

async function ask(id: string, flags: SchedulesNextFlags, deps: CommandDeps): Promise<Upcoming> {
  checkScheduleId(id, "<id>");
  const [given] = Object.keys(timingOf(flags));
  if (given !== undefined) {
    throw invalidArgument({
      field: given,
      received: id,
      expected: "either the id of a schedule or times, not both",
    });
  }
  return withClient({ flags, options: { provision: false } }, deps, async ({ schedules }) => {
    const [{ when: clocks }, next] = await Promise.all([schedules.get(id), schedules.next(id, flags.count)]);
    return { next, clocks };
  });
}
