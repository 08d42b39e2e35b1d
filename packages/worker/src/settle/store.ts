import type { RunRecords, WriteOptions, WriteResult } from "@umbel/broker";
import { UmbelError, type RunRecord } from "@umbel/protocol";
import { sleep, type Logger } from "@umbel/runtime";
import { logEvent } from "@umbel/telemetry";

/** What {@link storeRecord} needs. */
export interface StoreDeps {
  readonly records: Pick<RunRecords, "write">;
  readonly logger: Logger;
  /** Aborts when the worker gives up on everything that is not stored yet. */
  readonly closed: AbortSignal;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/**
 * Write a record, however long the broker is away or full: what a handler came to must not be lost for that.
 * The run is held by heartbeats meanwhile.
 *
 * @throws UmbelError when it can never be stored, or the worker is closed first.
 */
export function storeRecord(runId: string, record: RunRecord, how: StoreOptions): Promise<WriteResult> {
  const written = how.deps.records.write(runId, record, how.options);
  return storedAtLast(written, { runId, record, ...how });
}

/** What {@link storeRecord} comes to, once its first write is under way. */
export function storedAtLast(written: Promise<WriteResult>, write: PendingWrite): Promise<WriteResult> {
  return written.catch((error: unknown) => storeLater(write, error));
}

/** How {@link storeRecord} writes. */
export interface StoreOptions {
  readonly options: WriteOptions;
  readonly deps: StoreDeps;
}

/** A write whose end is not known. */
export interface PendingWrite extends StoreOptions {
  readonly runId: string;
  readonly record: RunRecord;
}

async function storeLater(
  { runId, record, options, deps }: PendingWrite,
  first: unknown,
): Promise<WriteResult> {
  let error = first;
  for (let tries = 1; ; tries++) {
    if (!passes(error) || deps.closed.aborted) throw error;
    const delayMs = storeDelayMs(tries);
    const { task, queue } = record;
    logEvent(deps.logger, "result.store_retried", { runId, task, queue, tries, delayMs, error });
    await sleep(delayMs, deps.closed);
    try {
      return await deps.records.write(runId, record, options);
    } catch (again) {
      error = again;
    }
  }
}

/** Milliseconds to wait after as many `tries` in vain. Pure. */
export function storeDelayMs(tries: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
}

const PASSING: ReadonlySet<string> = new Set([
  "storage_full",
  "broker_unavailable",
  "unconfirmed",
  "conflict",
]);

function passes(error: unknown): boolean {
  return UmbelError.is(error) && PASSING.has(error.code);
}
