import {
  decode,
  hasEnded,
  nextFireOf,
  nextFires,
  type Firing,
  type FiringState,
  type Missed,
  type RunState,
  type ScheduleDefinition,
  type SchedulePause,
  type ScheduleRecord,
  type ScheduleRule,
} from "@umbel/protocol";

/** A firing and the run that it made, or the mesh's ignorance of it. */
export interface ScheduledRun extends Omit<Firing, "state"> {
  /** How its run stands; absent when it was not asked for. */
  readonly state?: RunState;
}

/** A schedule at one moment. Times in milliseconds since the epoch, lengths in milliseconds. */
export interface ScheduleInfo extends Omit<ScheduleDefinition, "run" | "rule"> {
  readonly id: string;
  /** Grows with every change by a person or a program; not when it fires. What `put` and `delete` may expect. */
  readonly version: number;
  /** When it fires. */
  readonly when: ScheduleRule;
  readonly state: "active" | "paused" | "ended";
  /** Absent: it is not paused. */
  readonly paused?: SchedulePause;
  readonly task: string;
  readonly queue: string;
  readonly priority: ScheduleDefinition["run"]["priority"];
  readonly key?: string;
  /** The input of its runs; `undefined` when it cannot be read. */
  readonly input: unknown;
  readonly tags: readonly string[];
  /** Absent when it is paused or has ended. */
  readonly nextFireAt?: number;
  /** How late the next firing is: no worker has made it, and `catchUp` says what becomes of it. Absent: it is not. */
  readonly overdueMs?: number;
  /** How many firings made a run. */
  readonly fired: number;
  /** How many made none although they were due. */
  readonly missedCount: number;
  /** The last of those, oldest first. */
  readonly missed: readonly Missed[];
  /** Its last runs, oldest first. */
  readonly runs: readonly ScheduledRun[];
  readonly createdAt: number;
  readonly changedAt: number;
  readonly changedBy?: string;
  /** The list that declares it, if one does. */
  readonly source?: string;
}

/** A firing that is later than this has been forgotten by somebody. */
const OVERDUE_MS = 5_000;

/** What {@link scheduleInfo} tells beside the record. */
export interface InfoFacts {
  readonly now: number;
  /** How runs stand whose end the record does not tell. */
  readonly states: ReadonlyMap<string, RunState>;
}

/** `record` for people and programs. Pure. */
export function scheduleInfo(id: string, record: ScheduleRecord, facts: InfoFacts): ScheduleInfo {
  const { definition, paused, changedBy, source } = record;
  const { run, rule, ...policies } = definition;
  return {
    id,
    version: record.version,
    when: rule,
    state: stateOf(record),
    ...(paused === undefined ? {} : { paused }),
    task: run.task,
    queue: run.queue,
    priority: run.priority,
    ...(run.key === undefined ? {} : { key: run.key }),
    input: readInput(run.input),
    tags: run.tags ?? [],
    ...policies,
    ...timesOf(record, facts.now),
    fired: record.fired,
    missedCount: record.missedCount,
    missed: record.missed,
    runs: record.runs.map((firing) => toRun(firing, facts.states)),
    createdAt: record.createdAt,
    changedAt: record.changedAt,
    ...(changedBy === undefined ? {} : { changedBy }),
    ...(source === undefined ? {} : { source }),
  };
}

function stateOf(record: ScheduleRecord): ScheduleInfo["state"] {
  if (hasEnded(record)) return "ended";
  return record.paused === undefined ? "active" : "paused";
}

function timesOf(record: ScheduleRecord, now: number): Pick<ScheduleInfo, "nextFireAt" | "overdueMs"> {
  const nextFireAt = nextFireOf(record);
  if (nextFireAt === undefined) return {};
  return now - nextFireAt > OVERDUE_MS ? { nextFireAt, overdueMs: now - nextFireAt } : { nextFireAt };
}

function toRun({ state, ...firing }: Firing, states: InfoFacts["states"]): ScheduledRun {
  const known: RunState | FiringState | undefined = state ?? states.get(firing.runId);
  return known === undefined ? firing : { ...firing, state: known };
}

function readInput(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, "input");
  } catch {
    return undefined;
  }
}

/** The next `count` firings of a schedule that is neither paused nor used up. Pure. */
export function upcoming(record: ScheduleRecord, count: number): readonly number[] {
  if (nextFireOf(record) === undefined) return [];
  const { definition, createdAt, cursor, fired } = record;
  const left = definition.maxRuns === undefined ? count : Math.min(count, definition.maxRuns - fired);
  return nextFires(definition, createdAt, { after: cursor, count: left });
}
