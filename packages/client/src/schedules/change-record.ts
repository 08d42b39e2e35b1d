import type { NamedSchedule, ScheduleRecords } from "@umbel/broker";
import {
  encodeDefinition,
  hasEnded,
  invalidArgument,
  nextFires,
  UmbelError,
  type ScheduleDefinition,
  type ScheduleRecord,
} from "@umbel/protocol";
import { unknownSchedule } from "./unknown-schedule.ts";

/** What a change expects, and who makes it. */
export interface Change {
  readonly version?: number | undefined;
  readonly by?: string | undefined;
}

/** A definition to be stored. */
export interface PutChange extends Change {
  readonly definition: ScheduleDefinition;
  readonly now: number;
  /** The list that declares it, and what that said. */
  readonly declaration?: Declaration;
}

/** What a list says of a schedule. */
export type Declaration = Required<Pick<ScheduleRecord, "source" | "declared">>;

/** What became of it. */
export interface Changed {
  readonly action: "created" | "updated" | "unchanged";
  readonly written: NamedSchedule;
}

/**
 * Store a definition, over whatever is there if it is at the version that is expected. History and pause stay.
 *
 * @throws UmbelError `conflict`; `invalid_argument` for times that have all passed
 */
export async function putRecord(id: string, change: PutChange, schedules: ScheduleRecords): Promise<Changed> {
  for (;;) {
    const { sequence = 0, record } = (await schedules.read(id)) ?? {};
    checkVersion(id, record, change.version);
    const next = putOver(record, change);
    if (next === record) return { action: "unchanged", written: { id, sequence, record } };
    checkToCome(next.definition, next);
    const written = await schedules.write(id, next, sequence);
    if (!written.won) continue;
    const action = record === undefined ? "created" : "updated";
    return { action, written: { id, sequence: written.sequence, record: next } };
  }
}

function putOver(record: ScheduleRecord | undefined, change: PutChange): ScheduleRecord {
  if (record === undefined) return createdRecord(change);
  return isSame(record, change) ? record : changedRecord(record, change);
}

/**
 * Change a record that there is. `decide` says what it becomes, or nothing to leave it; it is asked again when
 * another one was faster.
 *
 * @throws UmbelError `schedule_unknown`, `conflict`; what `decide` throws
 */
export async function changeRecord(
  id: string,
  { version }: Change,
  deps: {
    readonly schedules: ScheduleRecords;
    readonly decide: (record: ScheduleRecord) => ScheduleRecord | undefined;
  },
): Promise<NamedSchedule> {
  const { schedules, decide } = deps;
  for (;;) {
    const stored = await schedules.read(id);
    if (stored?.record === undefined) throw await unknownSchedule(id, schedules);
    const { sequence, record } = stored;
    checkVersion(id, record, version);
    const next = decide(record);
    if (next === undefined) return { id, sequence, record };
    const written = await schedules.write(id, next, sequence);
    if (written.won) return { id, sequence: written.sequence, record: next };
  }
}

/** @throws UmbelError `conflict` unless `record` is at `version`; 0: there is none */
export function checkVersion(
  id: string,
  record: ScheduleRecord | undefined,
  version: number | undefined,
): void {
  if (version === undefined || version === (record?.version ?? 0)) return;
  const found =
    record === undefined ? "there is none" : `it is at version ${record.version}${changedText(record)}`;
  throw new UmbelError(
    "conflict",
    `schedule ${id}: expected version ${version}, and ${found}. Nothing was changed: look at it again first.`,
    { details: { id, expected: version, version: record?.version ?? 0, changedBy: record?.changedBy } },
  );
}

function changedText({ changedAt, changedBy }: ScheduleRecord): string {
  const by = changedBy === undefined ? "" : ` by ${changedBy}`;
  return `, changed${by} at ${new Date(changedAt).toISOString()}`;
}

/** Whether two definitions are the same. Pure. */
export function isSameDefinition(left: ScheduleDefinition, right: ScheduleDefinition): boolean {
  return Buffer.compare(encodeDefinition(left), encodeDefinition(right)) === 0;
}

function isSame(record: ScheduleRecord, { definition, declaration }: PutChange): boolean {
  if (!isSameDefinition(record.definition, definition)) return false;
  if (declaration === undefined) return true;
  return record.source === declaration.source && record.declared === declaration.declared;
}

function createdRecord({ definition, now, by, declaration }: PutChange): ScheduleRecord {
  return {
    version: 1,
    definition,
    createdAt: now,
    changedAt: now,
    ...(by === undefined ? {} : { changedBy: by }),
    ...declaration,
    cursor: now,
    fired: 0,
    missedCount: 0,
    pending: [],
    runs: [],
    missed: [],
  };
}

// What is due by other times than before, or after it had ended, was due by nobody's word.
function changedRecord(
  record: ScheduleRecord,
  { definition, now, by, declaration }: PutChange,
): ScheduleRecord {
  const { changedBy: _, ...kept } = record;
  const { rule, start, end } = definition;
  const sameTimes = isSameDefinition(record.definition, {
    ...record.definition,
    ...spanOf({ rule, start, end }),
  });
  return {
    ...kept,
    version: record.version + 1,
    definition,
    changedAt: now,
    ...(by === undefined ? {} : { changedBy: by }),
    ...declaration,
    cursor: sameTimes && !hasEnded(record) ? record.cursor : Math.max(record.cursor, now),
  };
}

// The codec leaves out what is undefined.
function spanOf(span: {
  readonly [Key in "rule" | "start" | "end"]: ScheduleDefinition[Key] | undefined;
}): object {
  return span;
}

/** @throws UmbelError `invalid_argument` when a schedule would never fire */
export function checkToCome(
  definition: ScheduleDefinition,
  { createdAt, cursor }: Pick<ScheduleRecord, "createdAt" | "cursor">,
): void {
  if (nextFires(definition, createdAt, { after: cursor, count: 1 }).length > 0) return;
  const { rule, end } = definition;
  const at = rule.kind === "at" ? rule.at : end;
  throw invalidArgument({
    field: rule.kind === "at" ? "at" : "end",
    received: at === undefined ? undefined : new Date(at).toISOString(),
    expected: "a moment to come: this schedule would never fire",
  });
}
