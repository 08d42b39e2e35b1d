import type { Sizes } from "../sizes.ts";
import type { Answer } from "./answer.ts";
import type { Evidence, Kept } from "./promises.ts";

/** What the demo came to: what `--json` prints, and what a person is shown. Times in milliseconds. */
export interface Summary {
  /** Whether every promise was kept. */
  readonly ok: boolean;
  /** Runs whose enqueue was acknowledged. */
  readonly enqueued: number;
  readonly succeeded: number;
  /** Attempts beyond the first ones of their runs. */
  readonly retried: number;
  readonly deadLettered: number;
  /** Runs that were acknowledged and have neither an outcome nor a dead letter. */
  readonly lost: number;
  /** Second outcomes or follow-ups. */
  readonly extraOutcomes: number;
  /** How long the part without faults took. */
  readonly wallMs: number;
  /** How long the same work takes on as many bare threads. */
  readonly idealMs: number;
  /** From the kill until the last run of the killed worker had started again. */
  readonly recoveryMs: number;
  /** p99 of the delay of the workers' event loops while their threads computed. */
  readonly loopDelayP99Ms: number;
  /** The same with the computing on the loop. */
  readonly inlineLoopDelayP99Ms: number;
  /** Runs of the killed worker that had to start again. */
  readonly recovered: number;
  readonly mails: { readonly expected: number; readonly arrived: number };
  readonly cores: number;
  /** Of both workers. */
  readonly threads: number;
  readonly slots: number;
  readonly answer: Answer;
  readonly promises: readonly Kept[];
}

/** What a {@link Summary} is made of. */
export interface SummaryParts {
  readonly evidence: Evidence;
  readonly answer: Answer;
  readonly promises: readonly Kept[];
  readonly sizes: Sizes;
}

/** Put everything together. Pure. */
export function summarise({ evidence, answer, promises, sizes }: SummaryParts): Summary {
  const { findings, faultFree, faults, mails, inlineLoopDelayP99Ms } = evidence;
  const { enqueued, succeeded, retried, deadLettered, lost, extraOutcomes } = findings;
  return {
    ok: promises.length > 0 && promises.every(({ kept }) => kept),
    enqueued,
    succeeded,
    retried,
    deadLettered,
    lost: lost.length,
    extraOutcomes,
    wallMs: Math.round(faultFree.wallMs),
    idealMs: Math.round(faultFree.idealMs),
    recoveryMs: faults.lastMs,
    loopDelayP99Ms: tenths(faultFree.loopDelayP99Ms),
    inlineLoopDelayP99Ms: tenths(inlineLoopDelayP99Ms),
    recovered: faults.recovered,
    mails: { expected: mails.expected, arrived: mails.arrived },
    cores: sizes.cores,
    threads: sizes.threads[0] + sizes.threads[1],
    slots: 2 * sizes.slots,
    answer,
    promises,
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
