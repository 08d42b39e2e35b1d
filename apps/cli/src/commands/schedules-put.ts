import type { Mesh, ScheduleInfo } from "@umbel/client";
import { checkScheduleId, invalidArgument, UmbelError } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import type { ConnectionFlags, JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { readInput } from "../input/read-input.ts";
import {
  settingsOf,
  type PolicyFlags,
  type RunFlags,
  type TimingFlags,
} from "../schedules/schedule-flags.ts";
import { tellSchedule } from "../schedules/tell-schedule.ts";
import { withClient } from "../with-client.ts";
import { warnIfUnserved } from "./warn-if-unserved.ts";

/** The flags of `umbel schedules put`. Durations in milliseconds. */
export interface SchedulesPutFlags extends ConnectionFlags, JsonFlag, TimingFlags, PolicyFlags, RunFlags {
  readonly task?: string;
  readonly input?: string;
  readonly ifVersion?: number;
  readonly by?: string;
}

/** Make the schedule `id`, or change what is given of it. */
export async function schedulesPut(id: string, flags: SchedulesPutFlags, deps: CommandDeps): Promise<number> {
  checkScheduleId(id, "<id>");
  const input = await readInput(flags.input, deps.stdin);
  // As with an enqueue, whoever comes first makes the streams.
  return withClient({ flags, options: {} }, deps, async (mesh) => {
    tellSchedule(await put(mesh, id, { flags, input }), flags, deps);
    await warnIfUnserved(flags, deps);
    return EXIT.ok;
  });
}

interface Put {
  readonly flags: SchedulesPutFlags;
  readonly input: unknown;
}

async function put({ schedules }: Mesh, id: string, { flags, input }: Put): Promise<ScheduleInfo> {
  const { task, ifVersion: version, by } = flags;
  const settings = { ...settingsOf(flags), ...defined({ input }) };
  const change = defined({ version, by });
  try {
    if (version !== 0) return await schedules.edit(id, { ...settings, ...defined({ task }) }, change);
  } catch (error) {
    if (!UmbelError.is(error, "schedule_unknown")) throw error;
  }
  if (task === undefined) {
    const expected = `the name of a task, because there is no schedule ${id} yet`;
    throw invalidArgument({ field: "--task", received: undefined, expected });
  }
  return schedules.put(id, { ...settings, task }, { ...change, version: version ?? 0 });
}
