import type { RunHandle } from "@umbel/client";
import { checkRunId, isOutcomeState } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { interruptible } from "../interrupt.ts";
import { renderJson } from "../output/json.ts";
import { runJson } from "../output/run-json.ts";
import { runText } from "../output/run-text.ts";
import { reportInfo, reportOutcome, type RunReport } from "../run-report.ts";
import { unknownRun } from "../unknown-run.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel result`. */
export interface ResultFlags extends ConnectionFlags, JsonFlag {
  /** Milliseconds; `true` without a limit. */
  readonly wait?: true | number;
}

/** Tell how the run `id` stands. The exit code is 1 for a run that ended without success or is not known. */
export async function result(id: string, flags: ResultFlags, deps: CommandDeps): Promise<number> {
  const runId = checkRunId(id, "<id>");
  const { terminal, env } = deps;
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const run = await (flags.wait === undefined
      ? look(mesh.run(runId))
      : waitFor(mesh.run(runId), flags.wait));
    if (run.state === "unknown") throw unknownRun(runId);
    if (wantsJson(flags, env)) terminal.out.line(renderJson(runJson(run)));
    else terminal.out.line(runText(run, { paint: terminal.out.paint, now: Date.now() }));
    return isOutcomeState(run.state) && run.state !== "succeeded" ? EXIT.failed : EXIT.ok;
  });
}

/** What is stored is read at once; only a mesh that is being torn down could make this wait. */
const READ_TIMEOUT_MS = 10_000;

async function look(handle: RunHandle<unknown>): Promise<RunReport> {
  const info = await handle.info();
  return isOutcomeState(info.state) ? waitFor(handle, READ_TIMEOUT_MS) : reportInfo(info);
}

async function waitFor(handle: RunHandle<unknown>, wait: true | number): Promise<RunReport> {
  const timeout = wait === true ? undefined : wait;
  const outcome = await interruptible((signal) => handle.outcome(defined({ timeout, signal })));
  return reportOutcome(handle.id, outcome);
}
