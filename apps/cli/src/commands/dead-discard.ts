import type { DeadLetterSummary } from "@umbel/client";
import { checkRunId } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { confirm, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import { deadFilter, type DeadFilterFlags } from "../dead-filter.ts";
import { interruptible } from "../interrupt.ts";
import { counted } from "../output/counted.ts";
import { summaryText } from "../output/dead-summary-text.ts";
import { createProgress } from "../output/progress.ts";
import { checkTarget, describeFilter } from "../selection.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel dead discard`. */
export interface DeadDiscardFlags extends ConnectionFlags, JsonFlag, DeadFilterFlags, YesFlag {}

/** Remove dead letters for good. The exit code is 1 when one of those that were named is not there. */
export async function deadDiscard(
  ids: readonly string[],
  flags: DeadDiscardFlags,
  deps: CommandDeps,
): Promise<number> {
  const filter = deadFilter(flags);
  checkTarget(ids, filter, "<ids>");
  for (const id of ids) checkRunId(id, "<id>");
  const what =
    ids.length > 0
      ? counted(ids.length, "dead letter", "dead letters")
      : describeFilter("every dead letter", filter);
  if (!(await confirm(`Discard ${what} for good?`, flags, deps))) return EXIT.failed;
  const { out, err } = deps.terminal;
  const progress = createProgress(err);
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const work = (signal: AbortSignal): Promise<DeadLetterSummary> =>
      mesh.deadLetters.discard(ids.length > 0 ? ids : filter, {
        signal,
        onProgress: ({ done }) => progress.tell(`discarded ${done} …`),
      });
    const summary = await interruptible(work).finally(() => progress.end());
    out.line(wantsJson(flags, deps.env) ? JSON.stringify(summary) : summaryText(summary, "discarded"));
    return ids.length > 0 && summary.missing > 0 ? EXIT.failed : EXIT.ok;
  });
}
