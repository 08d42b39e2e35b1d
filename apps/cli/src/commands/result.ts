import type { RunHandle } from "@umbel/client";
import { checkRunId, isOutcomeState } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { renderJson } from "../output/json.ts";
import { runJson } from "../output/run-json.ts";
import { runText } from "../output/run-text.ts";
import { reportInfo, type RunReport } from "../run-report.ts";
import { unknownRun } from "../unknown-run.ts";
import { waitForOutcome, type Wait } from "../wait-for-outcome.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel result`. */
export interface ResultFlags extends ConnectionFlags, JsonFlag {
  readonly wait?: Wait;
}

/** Tell how the run `id` stands. The exit code is 1 for a run that ended without success or is not known. */
export async function result(id: string, flags: ResultFlags, deps: CommandDeps): Promise<number> {
  const runId = checkRunId(id, "<id>");
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const run = await look(mesh.run(runId), flags.wait);
    tell(run, flags, deps);
    return isOutcomeState(run.state) && run.state !== "succeeded" ? EXIT.failed : EXIT.ok;
  });
}

/** What is stored is read at once; only a server that is about to go could make this wait. */
const READ_TIMEOUT_MS = 10_000;

async function look(handle: RunHandle<unknown>, wait: Wait | undefined): Promise<RunReport> {
  if (wait !== undefined) return waitForOutcome(handle, wait);
  const info = await handle.info();
  if (info.state === "unknown") throw unknownRun(handle.id);
  return isOutcomeState(info.state) ? waitForOutcome(handle, READ_TIMEOUT_MS) : reportInfo(info);
}

function tell(run: RunReport, flags: ResultFlags, { terminal: { out }, env }: CommandDeps): void {
  if (wantsJson(flags, env)) out.line(renderJson(runJson(run)));
  else out.line(runText(run, { paint: out.paint, now: Date.now() }));
}
