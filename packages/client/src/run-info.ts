import {
  findRunMessage,
  type BrokerConnection,
  type RunMessage,
  type RunRecords,
  type StoredRecord,
} from "@umbel/broker";
import { isOutcome, parseRunHeader, type AttemptError, type RunMeta, type RunState } from "@umbel/protocol";

/** What is known of a run. Times in milliseconds since the epoch; absent: not known, or not yet. */
export interface RunInfo {
  readonly runId: string;
  readonly state: RunState;
  readonly task?: string;
  readonly queue?: string;
  /** The attempt that it speaks of, from 1. */
  readonly attempt?: number;
  /** How often a handler is known to have been begun. */
  readonly starts?: number;
  readonly worker?: string;
  readonly enqueuedAt?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** When a scheduled or retrying run is due. */
  readonly dueAt?: number;
  readonly reason?: string;
  readonly errors: readonly AttemptError[];
}

/** What {@link readRunInfo} needs. */
export interface RunInfoDeps {
  readonly connection: BrokerConnection;
  readonly records: RunRecords;
}

/**
 * What the mesh knows of a run, in two or three reads.
 *
 * The record is read again when neither it nor a message was there: the run may have ended in between.
 *
 * @throws UmbelError when the broker cannot be asked.
 */
export async function readRunInfo(runId: string, { connection, records }: RunInfoDeps): Promise<RunInfo> {
  const stored = await records.read(runId);
  if (stored !== undefined) return fromRecord(runId, stored);
  const message = await findRunMessage(connection, runId);
  if (message !== undefined) return fromMessage(runId, message);
  const later = await records.read(runId);
  return later === undefined ? { runId, state: "unknown", errors: [] } : fromRecord(runId, later);
}

function fromRecord(runId: string, { record }: StoredRecord): RunInfo {
  if (record === undefined) return { runId, state: "unknown", errors: [] };
  const { state, task, queue, attempt, starts, worker, errors } = record;
  const known = { runId, state, task, queue, attempt, starts, worker, errors };
  if (state === "retrying") return { ...known, dueAt: record.dueAt };
  if (state === "running") return { ...known, startedAt: record.at };
  if (!isOutcome(record)) return known;
  const { enqueuedAt, startedAt, reason, at } = record;
  return {
    ...known,
    enqueuedAt,
    finishedAt: at,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function fromMessage(runId: string, { address, runHeader }: RunMessage): RunInfo {
  const meta = readMeta(runHeader);
  return {
    runId,
    state: address?.kind === "delayed" ? "scheduled" : address?.kind === "retrying" ? "retrying" : "queued",
    errors: [],
    ...(address === undefined ? {} : { queue: address.queue }),
    ...(meta === undefined ? {} : { task: meta.task, enqueuedAt: meta.enqueuedAt, attempt: meta.attempt }),
    ...(meta?.dueAt === undefined ? {} : { dueAt: meta.dueAt }),
  };
}

function readMeta(runHeader: string): RunMeta | undefined {
  try {
    return parseRunHeader(runHeader);
  } catch {
    return undefined;
  }
}
