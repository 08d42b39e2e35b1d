import {
  armTick,
  type BrokerConnection,
  type NamedSchedule,
  type Publisher,
  type ScheduleRecords,
} from "@umbel/broker";
import { nextFireOf, withoutPending, type ScheduleRecord } from "@umbel/protocol";
import type { EnqueueRequest } from "../enqueuer.ts";
import { firedRun } from "./fired-run.ts";

/** What making the runs of a schedule needs. */
export interface FireDeps {
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly schedules: ScheduleRecords;
  readonly enqueue: (request: EnqueueRequest) => Promise<unknown>;
  /** Cancel a run that a newer one takes the place of. */
  readonly cancel: (runId: string, scheduleId: string) => Promise<void>;
  readonly now: () => number;
}

/**
 * Enqueue the runs that are decided on, then strike them off. Whoever finds some does this, for whoever decided may
 * have died at any point of it: a run that is there already is not made again.
 *
 * @returns the record without them, or `undefined` when the schedule was deleted meanwhile
 * @throws UmbelError when one is not enqueued: it stays on the list
 */
export async function makePending(
  schedule: NamedSchedule,
  deps: FireDeps,
): Promise<NamedSchedule | undefined> {
  const { id } = schedule;
  let { sequence, record } = schedule;
  const made = new Set<string>();
  while (record.pending.length > 0) {
    for (const runId of replacedRuns(record)) await deps.cancel(runId, id);
    for (const firing of record.pending) {
      if (made.has(firing.runId)) continue;
      await deps.enqueue(firedRun(id, record.definition, { firing, now: deps.now() }));
      made.add(firing.runId);
    }
    const next = withoutPending(record, made);
    const written = await deps.schedules.write(id, next, sequence);
    if (written.won) return { id, sequence: written.sequence, record: next };
    if (written.current?.record === undefined) return undefined;
    ({ sequence, record } = { sequence: written.current.sequence, record: written.current.record });
  }
  return { id, sequence, record };
}

// Also when whoever decided on the new run died before it cancelled anything.
function replacedRuns({ definition, pending, runs }: ScheduleRecord): readonly string[] {
  if (definition.overlap !== "cancel-previous" || pending.every(({ kind }) => kind === "by-hand")) return [];
  const decided = new Set(pending.map(({ runId }) => runId));
  return runs.flatMap(({ runId, state }) => (state === undefined && !decided.has(runId) ? [runId] : []));
}

/**
 * Let the broker send the schedule's next tick. Of two that arm it, one may do so by a record that has been replaced
 * meanwhile: so each looks again, and the last one has armed what stands.
 *
 * @throws UmbelError
 */
export async function armSchedule(schedule: NamedSchedule, deps: FireDeps): Promise<void> {
  const { id } = schedule;
  const { mesh } = deps.connection;
  let { sequence, record } = schedule;
  for (;;) {
    const fireAt = nextFireOf(record);
    if (fireAt !== undefined) await armTick(deps.publisher, { mesh, id, fireAt });
    const current = await deps.schedules.read(id);
    if (current?.record === undefined || current.sequence === sequence) return;
    ({ sequence, record } = { sequence: current.sequence, record: current.record });
  }
}
