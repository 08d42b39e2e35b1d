import type { Mesh, RunInfo, RunQuery } from "@umbel/client";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { interruptible } from "../interrupt.ts";
import { renderJson } from "../output/json.ts";
import { runJson } from "../output/run-json.ts";
import { runsText } from "../output/runs-text.ts";
import { reportInfo } from "../run-report.ts";
import { runQuery, type RunFilterFlags } from "../run-query.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel runs`. */
export interface RunsFlags extends ConnectionFlags, JsonFlag, RunFilterFlags {
  readonly limit: number;
  readonly after?: string;
}

/** List runs: as many as were asked for, however many have to be looked at. */
export async function runs(flags: RunsFlags, deps: CommandDeps): Promise<number> {
  const { out, err } = deps.terminal;
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const found = await interruptible((signal) => collect(mesh, runQuery(flags), { ...flags, signal }));
    if (wantsJson(flags, deps.env)) {
      const listed = found.runs.map((run) => runJson(reportInfo(run)));
      out.line(renderJson({ runs: listed, after: found.after }));
    } else {
      if (found.runs.length > 0) out.line(runsText(found.runs, { paint: out.paint, now: Date.now() }));
      else err.line("No runs match.");
      if (found.after !== undefined)
        err.line(err.paint("quiet", `There may be more: add --after ${found.after}`));
    }
    return EXIT.ok;
  });
}

// A page may hold fewer than it could, even none, and not be the last.
async function collect(
  mesh: Mesh,
  query: RunQuery,
  {
    limit,
    signal,
    ...start
  }: { readonly limit: number; readonly signal: AbortSignal; readonly after?: string },
): Promise<{ readonly runs: readonly RunInfo[]; readonly after: string | undefined }> {
  const found: RunInfo[] = [];
  let { after } = start;
  do {
    signal.throwIfAborted();
    const rest = { ...query, limit: limit - found.length };
    const page = await mesh.runs.list(after === undefined ? rest : { ...rest, after });
    found.push(...page.runs);
    ({ after } = page);
  } while (after !== undefined && found.length < limit);
  return { runs: found, after };
}
