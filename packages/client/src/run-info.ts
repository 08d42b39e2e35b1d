import {
  findRunMessage,
  type BrokerConnection,
  type RunMessage,
  type RunRecords,
  type StoredRecord,
} from "@umbel/broker";
import {
  isOutcome,
  parseRunHeader,
  type AttemptError,
  type RunMeta,
  type RunRecord,
  type RunState,
} from "@umbel/protocol";

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
  /** Who cancelled it, if they said so. */
  readonly by?: string;
  /** Absent without any. */
  readonly tags?: readonly string[];
  /** What orders it among others, while it has not ended; only in listings. */
  readonly key?: string;
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
  if (stored?.record?.state === "retrying") return infoOfRetry(runId, stored, connection);
  if (stored !== undefined) return infoOfRecord(runId, stored);
  const message = await findRunMessage(connection, runId);
  if (message !== undefined) return infoOfMessage(runId, message);
  const later = await records.read(runId);
  return later === undefined ? { runId, state: "unknown", errors: [] } : infoOfRecord(runId, later);
}

// A retry in the broker's schedule is due when its message says: it may have been promoted or rescheduled.
async function infoOfRetry(
  runId: string,
  stored: StoredRecord,
  connection: BrokerConnection,
): Promise<RunInfo> {
  const message = await findRunMessage(connection, runId);
  const info = infoOfRecord(runId, stored);
  const dueAt = message?.address?.kind === "retrying" ? readMeta(message.runHeader)?.dueAt : undefined;
  return dueAt === undefined ? info : { ...info, dueAt };
}

/** What the record of a run tells. A tombstone, or what nobody can read, tells nothing. Pure. */
export function infoOfRecord(runId: string, { record }: Pick<StoredRecord, "record">): RunInfo {
  if (record === undefined) return { runId, state: "unknown", errors: [] };
  const { state, attempt, starts, errors } = record;
  const known = { runId, state, ...namesOf(record), attempt, starts, errors };
  if (state === "retrying") return { ...known, dueAt: record.dueAt };
  if (state === "running") return { ...known, startedAt: record.at };
  if (!isOutcome(record)) return known;
  const { enqueuedAt, startedAt, reason, by, at } = record;
  return {
    ...known,
    finishedAt: at,
    ...(enqueuedAt === 0 ? {} : { enqueuedAt }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(reason === undefined ? {} : { reason }),
    ...(by === undefined ? {} : { by }),
  };
}

// A client that cancels a run may not know all of it.
function namesOf({
  task,
  queue,
  worker,
  tags,
}: RunRecord): Pick<RunInfo, "task" | "queue" | "worker" | "tags"> {
  return {
    ...(task === "" ? {} : { task }),
    ...(queue === "" ? {} : { queue }),
    ...(worker === "" ? {} : { worker }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/** What the message of a run tells, wherever it waits. Pure. */
export function infoOfMessage(
  runId: string,
  { address, runHeader }: Pick<RunMessage, "address" | "runHeader">,
): RunInfo {
  const meta = readMeta(runHeader);
  return {
    runId,
    state: waitingState(address),
    errors: [],
    ...(address === undefined ? {} : { queue: address.queue }),
    ...(meta === undefined ? {} : { task: meta.task, enqueuedAt: meta.enqueuedAt, attempt: meta.attempt }),
    ...(meta?.dueAt === undefined ? {} : { dueAt: meta.dueAt }),
    ...(meta?.tags === undefined ? {} : { tags: meta.tags }),
  };
}

function waitingState(address: RunMessage["address"]): RunState {
  if (address?.kind === "delayed") return "scheduled";
  return address?.kind === "retrying" ? "retrying" : "queued";
}

function readMeta(runHeader: string): RunMeta | undefined {
  try {
    return parseRunHeader(runHeader);
  } catch {
    return undefined;
  }
}
