import { SCHEDULE_LEAD_MS } from "../due-time.ts";
import { dueFires, nextFire } from "./rule.ts";
import { firedRunId } from "./schedule-definition.ts";
import {
  MAX_MISSED,
  MAX_RUNS,
  type Firing,
  type FiringState,
  type Missed,
  type ScheduleRecord,
} from "./schedule-record.ts";

/** A firing that nobody made within this is late: what the catch-up policy `skip` does not make up for. */
export const ON_TIME_MS = 60_000;
/** A tick comes a little before its firing is due; and two clocks never agree on a millisecond. */
const HORIZON_MS: number = SCHEDULE_LEAD_MS + 100;

/** What is known when it is decided what a schedule does now. */
export interface ExpansionFacts {
  /** By the server's clock, in milliseconds since the epoch. */
  readonly now: number;
  /** How those of its runs have ended that have. */
  readonly ended: ReadonlyMap<string, FiringState>;
}

/** What a schedule does now. */
export interface Expansion {
  /** With the runs in `pending` that are to be enqueued. */
  readonly record: ScheduleRecord;
  readonly missed: readonly Missed[];
}

/** When a schedule fires next; `undefined`: it is paused, or has ended. Pure. */
export function nextFireOf(record: ScheduleRecord): number | undefined {
  if (record.paused !== undefined || isUsedUp(record)) return undefined;
  return nextFire(record.definition, record.createdAt, record.cursor);
}

/** Whether it will never fire again, paused or not. Pure. */
export function hasEnded(record: ScheduleRecord): boolean {
  return isUsedUp(record) || nextFire(record.definition, record.createdAt, record.cursor) === undefined;
}

function isUsedUp({ definition: { maxRuns }, fired }: ScheduleRecord): boolean {
  return maxRuns !== undefined && fired >= maxRuns;
}

/** Whether something is due, so that it must be found out how its runs have ended. Pure. */
export function isDue(record: ScheduleRecord, now: number): boolean {
  const next = nextFireOf(record);
  return next !== undefined && next <= now + HORIZON_MS;
}

/**
 * What a schedule does now: which firings make a run, and which are missed. `undefined` when nothing is due. Its
 * result decides nothing before it is stored over the record that it was made from. Pure.
 */
export function expandSchedule(
  id: string,
  record: ScheduleRecord,
  facts: ExpansionFacts,
): Expansion | undefined {
  if (!isDue(record, facts.now)) return undefined;
  const { definition, cursor, createdAt } = record;
  const limit = definition.catchUp === "all" ? definition.catchUpLimit : 1;
  const due = dueFires(definition, createdAt, { after: cursor, until: facts.now + HORIZON_MS, limit });
  const last = due.newest.at(-1);
  if (last === undefined) return undefined;
  const known = withStates(record, facts.ended);
  const open = known.runs.filter(({ state }) => state === undefined).length;
  const chosen = choose(due.newest, known, { now: facts.now, open });
  const firings = chosen.fires.map((fireAt) => firing(id, fireAt, facts.now));
  const missed = countMissed(due.total, last, chosen);
  return {
    record: {
      ...remember(known, firings, missed),
      cursor: last,
      fired: record.fired + firings.length,
      pending: [...record.pending, ...firings],
    },
    missed,
  };
}

/** `record` with what is known of how its runs have ended. Pure. */
export function withStates(record: ScheduleRecord, ended: ReadonlyMap<string, FiringState>): ScheduleRecord {
  const runs = record.runs.map((run) => {
    const state = run.state ?? ended.get(run.runId);
    return state === undefined ? run : { ...run, state };
  });
  return { ...record, runs };
}

/** `record` with one more run that somebody asked for. Pure. */
export function withFiring(record: ScheduleRecord, asked: Firing): ScheduleRecord {
  return { ...remember(record, [asked], []), pending: [...record.pending, asked] };
}

/** `record` once those of `enqueued` wait in their queues. Pure. */
export function withoutPending(record: ScheduleRecord, enqueued: ReadonlySet<string>): ScheduleRecord {
  return { ...record, pending: record.pending.filter(({ runId }) => !enqueued.has(runId)) };
}

function firing(id: string, fireAt: number, now: number): Firing {
  const kind = now - fireAt > ON_TIME_MS ? "caught-up" : "on-time";
  return { runId: firedRunId(id, fireAt), kind, fireAt, at: now };
}

interface Chosen {
  /** The firings that make a run, oldest first. */
  readonly fires: readonly number[];
  readonly expired: number;
  readonly overlapping: number;
  /** Those behind the last one that is to make a run: nobody misses them. */
  readonly beyond: number;
}

interface Choosing {
  readonly now: number;
  /** How many runs of the schedule have not ended. */
  readonly open: number;
}

function choose(newest: readonly number[], record: ScheduleRecord, { now, open }: Choosing): Chosen {
  const { catchUp, expiresMs, overlap, maxRuns } = record.definition;
  const intime = catchUp === "skip" ? newest.filter((at) => now - at <= ON_TIME_MS) : newest;
  const fresh = expiresMs === undefined ? intime : intime.filter((at) => at + expiresMs > now);
  const expired = intime.length - fresh.length;
  const room = maxRuns === undefined ? fresh.length : Math.max(0, maxRuns - record.fired);
  const wanted = fresh.slice(0, room);
  const fires = withoutOverlap(wanted, overlap, open);
  return { fires, expired, overlapping: wanted.length - fires.length, beyond: fresh.length - wanted.length };
}

// Of those that come at once, each would be a run beside the one before it.
function withoutOverlap(
  fires: readonly number[],
  overlap: ScheduleRecord["definition"]["overlap"],
  open: number,
): readonly number[] {
  if (overlap === "skip") return open > 0 ? [] : fires.slice(-1);
  return overlap === "cancel-previous" ? fires.slice(-1) : fires;
}

function countMissed(
  total: number,
  fireAt: number,
  { fires, expired, overlapping, beyond }: Chosen,
): readonly Missed[] {
  const late = total - fires.length - expired - overlapping - beyond;
  const counts = [
    { why: "late", count: late },
    { why: "expired", count: expired },
    { why: "overlap", count: overlapping },
  ] as const;
  return counts.filter(({ count }) => count > 0).map(({ why, count }) => ({ why, fireAt, count }));
}

function remember(
  record: ScheduleRecord,
  firings: readonly Firing[],
  missed: readonly Missed[],
): ScheduleRecord {
  return {
    ...record,
    runs: shortened([...record.runs, ...firings]),
    missed: [...record.missed, ...missed].slice(-MAX_MISSED),
    missedCount: record.missedCount + missed.reduce((sum, { count }) => sum + count, 0),
  };
}

// Those that have ended are forgotten first: whether another one may start depends on the others.
function shortened(runs: readonly Firing[]): readonly Firing[] {
  let surplus = runs.length - MAX_RUNS;
  if (surplus <= 0) return runs;
  const kept = runs.filter(({ state }) => state === undefined || surplus-- <= 0);
  return kept.slice(-MAX_RUNS);
}
