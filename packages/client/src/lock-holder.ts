import { findRunMessage, type RunMessage, type StoredRecord } from "@umbel/broker";
import { isOutcome, type LockRecord } from "@umbel/protocol";
import type { RunInfoDeps } from "./run-info.ts";

/** What a lock's run is found to be: still what it was locked for, past that, or nowhere. */
export type HolderState =
  | { readonly kind: "there"; readonly sequence: number | undefined }
  | { readonly kind: "over" }
  /** Whoever took the lock has not enqueued it: it died, or is about to. */
  | { readonly kind: "missing" };

const THERE: HolderState = { kind: "there", sequence: undefined };
const OVER: HolderState = { kind: "over" };

/**
 * Look at the run that holds a lock. The record is read again when neither it nor a message was there: the run may
 * have ended in between.
 *
 * @throws UmbelError when the broker cannot be asked.
 */
export async function lookAtHolder(
  lock: LockRecord,
  { connection, records }: RunInfoDeps,
): Promise<HolderState> {
  if (lock.until === "time" && lock.stored) return THERE;
  const record = await records.read(lock.runId);
  if (record !== undefined) return judgeRecord(lock, record);
  const message = await findRunMessage(connection, lock.runId);
  if (message !== undefined) return judgeMessage(lock, message);
  const later = await records.read(lock.runId);
  return later === undefined ? { kind: "missing" } : judgeRecord(lock, later);
}

/** What a record says of the run that holds `lock`. Pure. */
export function judgeRecord({ until }: LockRecord, { record, tombstone }: StoredRecord): HolderState {
  // Its own time decides, whatever has become of its run.
  if (until === "time") return THERE;
  if (tombstone || (record !== undefined && isOutcome(record))) return OVER;
  if (until === "done" || record === undefined) return THERE;
  // A run that waits for its time has no record until a worker has had it.
  return until === "fired" || record.starts > 0 ? OVER : THERE;
}

/** What the message of the run that holds `lock` says, when it has no record. Pure. */
export function judgeMessage({ until }: LockRecord, { address, sequence }: RunMessage): HolderState {
  if (until === "fired" && address?.kind !== "delayed") return OVER;
  return { kind: "there", sequence };
}
