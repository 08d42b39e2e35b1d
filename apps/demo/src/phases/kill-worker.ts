import type { Kill } from "../audit/recovery.ts";
import type { RunLedger } from "../run-ledger.ts";
import type { WorkerFleet } from "../worker-process/worker-fleet.ts";
import type { WorkerProcess } from "../worker-process/worker-process.ts";

/** Who is killed. */
export interface KillPlan {
  readonly ledger: RunLedger;
  readonly workers: WorkerFleet;
  readonly victim: WorkerProcess;
  readonly signal: AbortSignal;
}

/** Of its runs, so many must be waiting for something: they cannot all end while the answer is on its way. */
const LEAST_WAITING = 2;

/**
 * SIGKILL the victim at a moment at which it both computes and waits, so that runs of both kinds are left behind.
 * Resolves when it is gone; to `undefined` when all runs ended before that moment came.
 */
export async function killWhileBusy(plan: KillPlan): Promise<Kill | undefined> {
  const { ledger, workers, victim, signal } = plan;
  while (ledger.open > 0 && !signal.aborted) {
    const { runIds } = await victim.report();
    const computing = runIds.filter((id) => ledger.get(id)?.kind === "airport").length;
    if (computing > 0 && runIds.length - computing >= LEAST_WAITING) {
      const at = Date.now();
      await workers.kill(victim);
      return { workerId: victim.workerId, at, heldRunIds: runIds };
    }
    await ledger.ended(1, signal);
  }
  return undefined;
}
