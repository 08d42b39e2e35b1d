import type { Kill } from "../audit/recovery.ts";
import type { RunLedger } from "../run-ledger.ts";
import type { WorkerFleet } from "../worker-process/worker-fleet.ts";
import type { WorkerProcess } from "../worker-process/worker-process.ts";

/** When and how a worker is killed. */
export interface KillPlan {
  readonly ledger: RunLedger;
  readonly workers: WorkerFleet;
  readonly victim: WorkerProcess;
  /** After so many more runs have ended. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/**
 * SIGKILL the victim at a moment at which it both computes and waits, so that runs of both kinds are left behind.
 * Resolves when it is gone; to `undefined` when that moment never came before `signal` aborted.
 */
export async function killInTheMiddle(plan: KillPlan): Promise<Kill | undefined> {
  const { ledger, after, signal } = plan;
  const { promise, resolve, reject } = Promise.withResolvers<Kill | undefined>();
  let ended = 0;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const kill = await killIfBusy(plan);
    if (kill !== undefined) resolve(kill);
    looking = kill !== undefined;
  };
  const stopHearing = ledger.onEnd(() => {
    ended += 1;
    if (ended >= after) look().catch(reject);
  });
  signal.addEventListener("abort", () => resolve(undefined), { once: true });
  return promise.finally(stopHearing);
}

async function killIfBusy({ ledger, workers, victim }: KillPlan): Promise<Kill | undefined> {
  const { runIds } = await victim.report();
  const computing = runIds.filter((id) => ledger.get(id)?.kind === "airport").length;
  if (computing === 0 || computing === runIds.length) return undefined;
  const at = Date.now();
  await workers.kill(victim);
  return { workerId: victim.workerId, at, heldRunIds: runIds };
}
