import type { RunHandle } from "@umbel/client";
import { defined } from "./input/defined.ts";
import { interruptible, Interrupted } from "./interrupt.ts";
import { reportOutcome, type RunReport } from "./run-report.ts";

/** For how long to wait: milliseconds, or `true` for as long as it takes. */
export type Wait = true | number;

/**
 * Wait until a run has ended.
 *
 * @throws ResultTimeout; Interrupted on Ctrl-C, with a message that says that the run goes on; UmbelError.
 */
export async function waitForOutcome(run: RunHandle<unknown>, wait: Wait): Promise<RunReport> {
  const timeout = wait === true ? undefined : wait;
  try {
    const outcome = await interruptible((signal) => run.outcome(defined({ timeout, signal })));
    return reportOutcome(run.id, outcome);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(`stopped waiting; the run goes on: umbel result ${run.id} --wait`);
  }
}
