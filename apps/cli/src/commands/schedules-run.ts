import { checkScheduleId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { renderJson } from "../output/json.ts";
import { runJson } from "../output/run-json.ts";
import { runText } from "../output/run-text.ts";
import { waitForOutcome, type Wait } from "../wait-for-outcome.ts";
import { withClient } from "../with-client.ts";
import { warnIfUnserved } from "./warn-if-unserved.ts";

/** The flags of `umbel schedules run`. */
export interface SchedulesRunFlags extends ConnectionFlags, JsonFlag {
  readonly wait?: Wait;
}

/** Make one run of the schedule `id` now. With `--wait` the exit code tells how it ended. */
export async function schedulesRun(id: string, flags: SchedulesRunFlags, deps: CommandDeps): Promise<number> {
  checkScheduleId(id, "<id>");
  const { out } = deps.terminal;
  const json = wantsJson(flags, deps.env);
  return withClient({ flags, options: { provision: false } }, deps, async ({ schedules }) => {
    const run = await schedules.run(id);
    if (flags.wait === undefined) {
      out.line(json ? JSON.stringify({ schedule: id, runId: run.id }) : run.id);
      await warnIfUnserved(flags, deps);
      return EXIT.ok;
    }
    const report = await waitForOutcome(run, flags.wait);
    if (json) out.line(renderJson({ schedule: id, ...runJson(report) }));
    else out.line(runText(report, { paint: out.paint, now: Date.now() }));
    return report.state === "succeeded" ? EXIT.ok : EXIT.failed;
  });
}
