import type { CancelFilter, CancelManyOptions, CancelSummary, Mesh } from "@umbel/client";
import { checkRunId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { confirm, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { defined } from "../input/defined.ts";
import { interruptible } from "../interrupt.ts";
import { counted } from "../output/counted.ts";
import { createProgress } from "../output/progress.ts";
import { checkTarget, describeFilter } from "../selection.ts";
import { userName } from "../user-name.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel cancel`. */
export interface CancelFlags extends ConnectionFlags, JsonFlag, YesFlag {
  readonly state?: readonly string[];
  readonly queue?: string;
  readonly task?: string;
  readonly tag?: string;
  readonly key?: string;
  readonly all?: boolean;
  readonly reason?: string;
  readonly by?: string;
}

/** Cancel runs. The exit code is 1 when one of those that were named had ended, or is not known. */
export async function cancel(ids: readonly string[], flags: CancelFlags, deps: CommandDeps): Promise<number> {
  const { state, queue, task, tag, key, all } = flags;
  const filter = defined({ state, queue, task, tag, key, all });
  checkTarget(ids, filter, "<ids>");
  for (const id of ids) checkRunId(id, "<id>");
  const question = `Cancel ${describeFilter("every run", filter)}?`;
  if (ids.length === 0 && !(await confirm(question, flags, deps))) return EXIT.failed;
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const summary = await interruptible((signal) =>
      cancelAll(mesh, { ids, filter }, { flags, deps, signal }),
    );
    tell(summary, flags, deps);
    return ids.length > 0 && summary.ended + summary.unknown > 0 ? EXIT.failed : EXIT.ok;
  });
}

interface Circumstances {
  readonly flags: CancelFlags;
  readonly deps: CommandDeps;
  readonly signal: AbortSignal;
}

async function cancelAll(
  mesh: Mesh,
  { ids, filter }: { readonly ids: readonly string[]; readonly filter: object },
  { flags, deps, signal }: Circumstances,
): Promise<CancelSummary> {
  const total = ids.length > 0 ? ids.length : undefined;
  const progress = createProgress(deps.terminal.err, { what: "cancelled", total });
  const options: CancelManyOptions = {
    signal,
    by: flags.by ?? userName(),
    onProgress: ({ cancelled, ended, unknown }) => progress.tell(cancelled + ended + unknown),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
  };
  try {
    return ids.length > 0
      ? await mesh.cancel(ids, options)
      : await mesh.cancelMatching(trust(filter), options);
  } finally {
    progress.end();
  }
}

// The client checks every field, and names the nearest state.
function trust(filter: object): CancelFilter {
  return filter;
}

function tell(
  summary: CancelSummary,
  flags: CancelFlags,
  { terminal: { out, err }, env }: CommandDeps,
): void {
  if (wantsJson(flags, env)) return out.line(JSON.stringify(summary));
  out.line(counted(summary.cancelled, "run is cancelled", "runs are cancelled"));
  if (summary.ended > 0)
    err.line(`${counted(summary.ended, "had", "had")} ended before: ${summary.endedIds.join(", ")}`);
  if (summary.unknown > 0)
    err.line(`${counted(summary.unknown, "is", "are")} not known: ${summary.unknownIds.join(", ")}`);
}
