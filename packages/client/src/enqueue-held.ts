import type { RunLocks, RunRecords } from "@umbel/broker";
import { UmbelError, type LockRecord, type RunIdSource } from "@umbel/protocol";
import { sleep } from "@umbel/runtime";
import { changeSchedule, type ChangeDeps } from "./change-schedule.ts";
import type { Hold } from "./hold.ts";
import { lookAtHolder } from "./lock-holder.ts";
import { publishRun } from "./publish-run.ts";
import type { OutgoingRun, Published } from "./taken-id.ts";

/** What enqueueing under a lock needs. */
export interface HeldDeps extends ChangeDeps {
  readonly records: RunRecords;
  readonly locks: RunLocks;
  readonly ids: RunIdSource;
  /** Hears that a lock is written and its run is not, yet: for tests that stop there. */
  readonly onLocked?: ((runId: string) => Promise<void>) | undefined;
}

/** The run that an enqueue came to: its own, or that of an earlier one. */
export type Enqueued = Published & { readonly runId: string };

const PATIENCE_MS = 30_000;
const PAUSE_MS = 20;

/**
 * Enqueue `run` unless another one holds its key: then that one is the answer.
 *
 * The lock is written first, with the id that the run will have. Whoever finds a lock whose run is nowhere
 * enqueues that very run, so a process that dies in between leaves nothing behind; and that a holder is over is
 * seen by looking at it, so nothing has to release a lock.
 *
 * @throws UmbelError why it is not stored; `unconfirmed` when nobody knows.
 */
export async function enqueueHeld(run: OutgoingRun, hold: Hold, deps: HeldDeps): Promise<Enqueued> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let own = run;
  let expected = 0;
  while (performance.now() < giveUpAt) {
    const step = await takeOrJoin({ run: own, hold, expected }, deps);
    if ("runId" in step) return step;
    if (step.expected === expected) await sleep(Math.random() * PAUSE_MS);
    expected = step.expected;
    // An id that has been a run's is not another's.
    if (step.used) own = { ...run, runId: deps.ids.next() };
  }
  throw contested(hold);
}

interface Attempt {
  readonly run: OutgoingRun;
  readonly hold: Hold;
  /** The sequence of the lock, or of its marker, that is free to be replaced; 0: nothing is there. */
  readonly expected: number;
}

/** Try again, replacing what is in place of the lock. */
interface Again {
  readonly expected: number;
  readonly used: boolean;
}

interface Held {
  readonly record: LockRecord;
  readonly sequence: number;
}

async function takeOrJoin(attempt: Attempt, deps: HeldDeps): Promise<Enqueued | Again> {
  const { run, hold, expected } = attempt;
  const record = lockOf(run, hold, deps.now());
  const taken = await deps.locks.take(hold.lock, record, { expected, ttlMs: ttlOf(record, hold, record.at) });
  if (taken.won) {
    await deps.onLocked?.(run.runId);
    return enqueueAs(attempt, { record, sequence: taken.sequence }, deps);
  }
  const { current } = taken;
  // Released or expired: its marker, if there is one, is what the next try replaces.
  if (current?.record === undefined) return { expected: current?.sequence ?? 0, used: false };
  return join(attempt, { record: current.record, sequence: current.sequence }, deps);
}

// Another run holds the key.
async function join(attempt: Attempt, held: Held, deps: HeldDeps): Promise<Enqueued | Again> {
  const holder = await lookAtHolder(held.record, deps);
  if (holder.kind === "over") return { expected: held.sequence, used: false };
  if (holder.kind === "missing") return enqueueAs(attempt, held, deps);
  if (isDebounced(attempt.hold, held)) return pushBack(attempt, held, deps);
  return { runId: held.record.runId, sequence: holder.sequence, existed: true };
}

// Enqueue the run that the lock names: once, whoever else does it too.
async function enqueueAs(attempt: Attempt, held: Held, deps: HeldDeps): Promise<Enqueued | Again> {
  const { runId } = held.record;
  const published = await publishRun({ ...attempt.run, runId }, deps);
  // Somebody else's input is in it: this one is newer.
  if (published.existed && isDebounced(attempt.hold, held)) return pushBack(attempt, held, deps);
  if (held.record.until === "time") await confirm(attempt.hold, held, deps);
  return { runId, ...published };
}

async function pushBack({ run, hold }: Attempt, held: Held, deps: HeldDeps): Promise<Enqueued | Again> {
  const { runId, at } = held.record;
  const dueAt = Math.min(deps.now() + hold.forMs, at + (hold.maxMs ?? Number.POSITIVE_INFINITY));
  const changed = await changeSchedule(runId, () => ({ dueAt, body: run.body }), deps);
  return changed.kind === "changed"
    ? { runId, sequence: changed.sequence, existed: true }
    : { expected: held.sequence, used: runId === run.runId };
}

// From now on, that nothing is left of the run means that it is forgotten. The run is enqueued in any case.
async function confirm(hold: Hold, { record, sequence }: Held, deps: HeldDeps): Promise<void> {
  const options = { expected: sequence, ttlMs: ttlOf(record, hold, deps.now()) };
  await deps.locks.take(hold.lock, { ...record, stored: true }, options).catch(() => undefined);
}

function isDebounced({ until }: Hold, { record }: Held): boolean {
  return until === "fired" && record.until === "fired";
}

function lockOf({ plan, runId }: OutgoingRun, { until }: Hold, at: number): LockRecord {
  return { runId, task: plan.meta.task, until, at, stored: false };
}

// Only a lock for a time ends by itself: the others last as long as their run, however long that is.
function ttlOf({ until, at }: LockRecord, { forMs }: Hold, now: number): number | undefined {
  return until === "time" ? at + forMs - now : undefined;
}

function contested({ lock }: Hold): UmbelError {
  return new UmbelError(
    "conflict",
    `the lock ${lock} of this unique run changed hands again and again for ${PATIENCE_MS} ms. Nothing was enqueued: try again.`,
    { details: { lock } },
  );
}
