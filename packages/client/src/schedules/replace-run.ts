import { UmbelError } from "@umbel/protocol";
import { cancelRun, type CancelDeps } from "../cancel-run.ts";
import { scheduleTag } from "./fired-run.ts";

/**
 * Cancel a run of a schedule that fires again. Its message is left to whoever gets it: workers may not remove any.
 *
 * @throws UmbelError
 */
export async function replaceRun(runId: string, scheduleId: string, deps: CancelDeps): Promise<void> {
  const why = { reason: "its schedule fired again", by: scheduleTag(scheduleId) };
  try {
    await cancelRun(runId, why, { ...deps, leaveMessage: true });
  } catch (error) {
    // It has ended so long ago that it is forgotten.
    if (!UmbelError.is(error, "run_unknown")) throw error;
  }
}
