/**
 * How long before it is due the schedule of an unkeyed run fires. The broker looks at its schedules four times a
 * second, so one may fire 250 ms late, and a hundred more on a busy machine; the worker that receives the run holds
 * it until it is due.
 */
export const SCHEDULE_LEAD_MS = 400;

/**
 * Whether a run that is due at `dueAt` waits in a schedule. One that is due sooner is held by its worker; but not
 * with a key, for it would block its lane.
 */
export function needsSchedule(dueAt: number | undefined, now: number, keyed: boolean): dueAt is number {
  return dueAt !== undefined && dueAt - now > (keyed ? 0 : SCHEDULE_LEAD_MS);
}

/** The value of a schedule's header that lets it fire in time for a run that is due at `dueAt`. */
export function scheduleFor(dueAt: number, keyed: boolean): string {
  return `@at ${new Date(keyed ? dueAt : dueAt - SCHEDULE_LEAD_MS).toISOString()}`;
}
