import type { NamedSchedule } from "@umbel/broker";
import { nextFireOf } from "@umbel/protocol";
import { counted } from "../output/counted.ts";
import { formatDistance } from "../output/time.ts";
import { checker, type Check } from "./check.ts";

/** Workers set a tick again that was lost within this. */
const OVERDUE_MS = 60_000;

/** Whether schedules fire. Nothing is said where there are none. Pure. */
export function checkSchedules(schedules: readonly NamedSchedule[], now: number): readonly Check[] {
  if (schedules.length === 0) return [];
  const { ok, fail } = checker("schedules");
  const overdue = schedules.flatMap(({ id, record }) => {
    const fireAt = nextFireOf(record);
    return fireAt !== undefined && now - fireAt > OVERDUE_MS ? [{ id, fireAt }] : [];
  });
  const [first] = overdue;
  if (first === undefined) return [ok(`${counted(schedules.length, "schedule", "schedules")}, none overdue`)];
  const which = `${first.id} (due ${formatDistance(first.fireAt, now)})`;
  return [
    fail(
      `${counted(overdue.length, "schedule is", "schedules are")} overdue, such as ${which}`,
      "Start a worker: any one of the mesh fires them, whatever queues it serves.",
    ),
  ];
}
