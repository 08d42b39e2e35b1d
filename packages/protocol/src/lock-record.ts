import { decode, encode } from "./codec.ts";
import { fieldReader } from "./record-fields.ts";

/**
 * Until when a lock keeps others out: until its run has `started`, is `done`, or (debounced) has `fired`; or for a
 * `time` of its own.
 */
export type LockUntil = "started" | "done" | "time" | "fired";

/** What makes a run the only one of its key: who holds the key. */
export interface LockRecord {
  readonly runId: string;
  readonly task: string;
  readonly until: LockUntil;
  /** When it was taken, in milliseconds since the epoch. */
  readonly at: number;
  /** Its run is known to have been enqueued: that nothing is left of it means that it is forgotten. */
  readonly stored: boolean;
}

const UNTIL: readonly LockUntil[] = ["started", "done", "time", "fired"];

/** `lock` as it is stored: one MessagePack map. */
export function encodeLockRecord({ runId, task, until, at, stored }: LockRecord): Uint8Array {
  return encode({ runId, task, until, at, ...(stored ? { stored } : {}) }, "lock");
}

/** @throws UmbelError `undecodable` when `bytes` are not a lock. */
export function decodeLockRecord(bytes: Uint8Array): LockRecord {
  const reader = fieldReader(decode(bytes, "lock"), "lock");
  const until = UNTIL.find((known) => known === reader.fields["until"]);
  if (until === undefined) throw reader.fail("until is not known");
  return {
    runId: reader.text("runId"),
    task: reader.text("task"),
    until,
    at: reader.number("at"),
    stored: reader.fields["stored"] === true,
  };
}
