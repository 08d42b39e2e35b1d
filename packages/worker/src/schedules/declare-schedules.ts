import type { Mesh } from "@umbel/client";
import { logEvent } from "@umbel/telemetry";
import type { ResolvedWorker } from "../worker-options.ts";

/** Sync the schedules that a worker's program declares. @throws UmbelError as `mesh.schedules.sync` does */
export async function declareSchedules(
  mesh: Pick<Mesh, "schedules">,
  workerId: string,
  { schedules = [], scheduleSource: source, logger }: ResolvedWorker,
): Promise<void> {
  const { removed: scheduleIds } = await mesh.schedules.sync(schedules, { source, by: workerId });
  if (scheduleIds.length > 0) logEvent(logger, "schedule.undeclared", { workerId, scheduleIds });
}
