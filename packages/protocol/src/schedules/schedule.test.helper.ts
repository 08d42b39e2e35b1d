import type { ScheduleDefinition } from "./schedule-definition.ts";
import type { ScheduleRecord } from "./schedule-record.ts";

/** A definition that fires each second, unless `changes` say otherwise. */
export function definition(changes: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  return {
    rule: { kind: "every", everyMs: 1_000 },
    run: { task: "mail.night", queue: "mail", priority: "normal", input: new Uint8Array([0xc0]) },
    catchUp: "latest",
    catchUpLimit: 100,
    overlap: "allow",
    ...changes,
  };
}

/** A record that was made at 0, with that definition. */
export function record(
  changes: Partial<ScheduleDefinition> = {},
  state: Partial<ScheduleRecord> = {},
): ScheduleRecord {
  return {
    version: 1,
    definition: definition(changes),
    createdAt: 0,
    changedAt: 0,
    cursor: 0,
    fired: 0,
    missedCount: 0,
    pending: [],
    runs: [],
    missed: [],
    ...state,
  };
}
