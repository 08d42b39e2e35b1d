import type { DeadLetterSummary } from "@umbel/client";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { checkAskable, confirmCounted, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import type { DeadFilterFlags } from "../dead-filter.ts";
import { countDead, selectDead } from "../dead-selection.ts";
import { interruptible } from "../interrupt.ts";
import { summaryText } from "../output/dead-summary-text.ts";
import { createProgress } from "../output/progress.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel dead discard`. */
export interface DeadDiscardFlags extends ConnectionFlags, JsonFlag, DeadFilterFlags, YesFlag {}

/** Remove dead letters for good. The exit code is 1 when one of those that were named is not there. */
export async function deadDiscard(
  ids: readonly string[],
  flags: DeadDiscardFlags,
  deps: CommandDeps,
): Promise<number> {
  const selection = selectDead(ids, flags);
  const text = (count?: number): string => `Discard ${selection.describe(count)} for good?`;
  checkAskable(text(), flags, deps);
  const { out, err } = deps.terminal;
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const count = (): Promise<number> => countDead(mesh, selection);
    const { yes, total } = await confirmCounted({ count, text }, flags, deps);
    if (!yes) return EXIT.failed;
    const progress = createProgress(err, { what: "discarded", total });
    const work = (signal: AbortSignal): Promise<DeadLetterSummary> =>
      mesh.deadLetters.discard(selection.which, {
        signal,
        onProgress: ({ done, missing }) => progress.tell(done + missing),
      });
    const summary = await interruptible(work).finally(() => progress.end());
    out.line(wantsJson(flags, deps.env) ? JSON.stringify(summary) : summaryText(summary, "discarded"));
    return ids.length > 0 && summary.missing > 0 ? EXIT.failed : EXIT.ok;
  });
}
