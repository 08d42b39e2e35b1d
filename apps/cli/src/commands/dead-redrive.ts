import type { DeadLetterSummary, Mesh, Rate, RedriveOptions } from "@umbel/client";
import { invalidArgument } from "@umbel/protocol";
import { EXIT, type CommandDeps } from "../command-deps.ts";
import { checkAskable, confirmCounted, type YesFlag } from "../confirm.ts";
import { wantsJson, type ConnectionFlags, type JsonFlag } from "../connection-flags.ts";
import type { DeadFilterFlags } from "../dead-filter.ts";
import { countDead, selectDead, type DeadSelection } from "../dead-selection.ts";
import { readInput } from "../input/read-input.ts";
import { interruptible } from "../interrupt.ts";
import { createProgress } from "../output/progress.ts";
import { summaryText } from "../output/dead-summary-text.ts";
import { withClient } from "../with-client.ts";

/** The flags of `umbel dead redrive`. */
export interface DeadRedriveFlags extends ConnectionFlags, JsonFlag, DeadFilterFlags, YesFlag {
  readonly input?: string;
  readonly toQueue?: string;
  readonly rate?: Rate;
}

/** Put dead runs back to work. The exit code is 1 when one of them could not be, or has no letter. */
export async function deadRedrive(
  ids: readonly string[],
  flags: DeadRedriveFlags,
  deps: CommandDeps,
): Promise<number> {
  const selection = selectDead(ids, flags);
  const text = (count?: number): string => `Redrive ${selection.describe(count)}?`;
  // What is named one by one is meant.
  const asked: YesFlag = ids.length > 0 ? { yes: true } : flags;
  const options = await redriveOptions(ids, flags, deps);
  checkAskable(text(), asked, deps);
  return withClient({ flags, options: { provision: false } }, deps, async (mesh) => {
    const [id, ...others] = ids;
    const redrive: Redrive = { options, flags, deps };
    if (id !== undefined && others.length === 0) return redriveOne(mesh, id, redrive);
    const count = (): Promise<number> => countDead(mesh, selection);
    const { yes, total } = await confirmCounted({ count, text }, asked, deps);
    return yes ? redriveMany(mesh, { selection, total }, redrive) : EXIT.failed;
  });
}

interface Redrive {
  readonly options: RedriveOptions;
  readonly flags: DeadRedriveFlags;
  readonly deps: CommandDeps;
}

async function redriveOptions(
  ids: readonly string[],
  { input, toQueue, rate }: DeadRedriveFlags,
  { stdin }: CommandDeps,
): Promise<RedriveOptions> {
  if (input !== undefined && ids.length !== 1) {
    throw invalidArgument({ field: "--input", received: input, expected: "one id with it" });
  }
  return {
    ...(input === undefined ? {} : { input: await readInput(input, stdin) }),
    ...(toQueue === undefined ? {} : { queue: toQueue }),
    ...(rate === undefined ? {} : { rate }),
  };
}

async function redriveOne(mesh: Mesh, id: string, { options, flags, deps }: Redrive): Promise<number> {
  const run = await mesh.deadLetters.redrive(id, options);
  const { out, err } = deps.terminal;
  if (wantsJson(flags, deps.env))
    out.line(JSON.stringify({ runId: run.id, redriveOf: id, receipt: run.receipt }));
  else {
    out.line(run.id);
    if (run.receipt?.existed === true) err.line("It was redriven before; its letter is removed now.");
  }
  return EXIT.ok;
}

async function redriveMany(
  mesh: Mesh,
  { selection, total }: { readonly selection: DeadSelection; readonly total: number | undefined },
  { options, flags, deps }: Redrive,
): Promise<number> {
  const progress = createProgress(deps.terminal.err, { what: "redriven", total });
  const work = (signal: AbortSignal): Promise<DeadLetterSummary> =>
    mesh.deadLetters.redrive(selection.which, {
      ...options,
      signal,
      onProgress: ({ done, existed, refused, missing }) => progress.tell(done + existed + refused + missing),
    });
  const summary = await interruptible(work).finally(() => progress.end());
  const { out } = deps.terminal;
  out.line(wantsJson(flags, deps.env) ? JSON.stringify(summary) : summaryText(summary, "redriven"));
  return summary.refused + summary.missing > 0 ? EXIT.failed : EXIT.ok;
}
