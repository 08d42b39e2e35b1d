import type { ScheduleRecords } from "@umbel/broker";
import { nearestName, UmbelError } from "@umbel/protocol";

/** The error for an id that no schedule has, with the one that was probably meant. */
export async function unknownSchedule(
  id: string,
  schedules: Pick<ScheduleRecords, "list">,
): Promise<UmbelError> {
  // Only a hint: who may not list still hears that there is none.
  const known = await schedules.list().catch(() => []);
  const nearest = nearestName(
    id,
    known.map((schedule) => schedule.id),
  );
  const hint = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  return new UmbelError("schedule_unknown", `there is no schedule "${id}" in this mesh.${hint}`, {
    details: { id, ...(nearest === undefined ? {} : { nearest }) },
  });
}
