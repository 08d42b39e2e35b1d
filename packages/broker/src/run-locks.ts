import type { StoredMsg } from "@nats-io/jetstream";
import {
  decodeLockRecord,
  encodeLockRecord,
  lockSubject,
  UmbelError,
  type LockRecord,
} from "@umbel/protocol";
import type { BrokerConnection } from "./connection.ts";
import { encodeHeaders, EXPECT_SEQUENCE, TTL } from "./encoded-headers.ts";
import type { Publisher } from "./publisher.ts";
import { isMissing } from "./stored-message.ts";
import { translateError } from "./translate-error.ts";

/** What the leases bucket holds for a lock. */
export interface StoredLock {
  /** Its place in the bucket: what a compare-and-set expects. */
  readonly sequence: number;
  /** Absent when it was released and only a marker is left, or when it is not readable. */
  readonly record: LockRecord | undefined;
}

/** How taking a lock ended. `current` is absent when nothing is there (any more): try again. */
export type TakeResult =
  | { readonly won: true; readonly sequence: number }
  | { readonly won: false; readonly current: StoredLock | undefined };

/** What a take expects and how long the lock lasts. */
export interface TakeOptions {
  /** The sequence of the lock or marker that it replaces; 0: there is none. */
  readonly expected: number;
  /** Milliseconds; a second at least. @default until it is released */
  readonly ttlMs?: number | undefined;
}

/** How long the marker of a released lock stays. */
const MARKER_TTL = "1s";
const EMPTY = new Uint8Array();

/** Takes and releases the locks of unique runs. */
export class RunLocks {
  readonly #connection: BrokerConnection;
  readonly #publisher: Publisher;

  constructor(connection: BrokerConnection, publisher: Publisher) {
    this.#connection = connection;
    this.#publisher = publisher;
  }

  /** The lock as its leader has it. @throws UmbelError */
  async read(lock: string): Promise<StoredLock | undefined> {
    const { streams, manager, mesh } = this.#connection;
    try {
      const query = { last_by_subj: lockSubject(mesh, lock) };
      const message = await manager.streams.getMessage(streams.leases, query);
      return message === null ? undefined : toStoredLock(message);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw translateError(error, `reading the lock ${lock}`);
    }
  }

  /**
   * Write `record` if the lock is still as expected. A lock that holds the same run already is one's own: its
   * answer was lost.
   *
   * @throws UmbelError `unconfirmed`, `storage_full`, … when nobody knows or nothing was stored.
   */
  async take(lock: string, record: LockRecord, { expected, ttlMs }: TakeOptions): Promise<TakeResult> {
    try {
      const { sequence } = await this.#publisher.publish({
        subject: lockSubject(this.#connection.mesh, lock),
        body: encodeLockRecord(record),
        headers: encodeHeaders([
          [EXPECT_SEQUENCE, String(expected)],
          [TTL, ttlMs === undefined ? "never" : `${Math.max(1, Math.ceil(ttlMs / 1_000))}s`],
        ]),
      });
      return { won: true, sequence };
    } catch (error) {
      if (!UmbelError.is(error, "conflict")) throw error;
    }
    const current = await this.read(lock);
    const own = current?.record?.runId === record.runId && current.sequence !== expected;
    return own ? { won: true, sequence: current.sequence } : { won: false, current };
  }

  /**
   * Remove the lock if `runId` still holds it, and not for a time of its own. Its marker is gone soon.
   *
   * @throws UmbelError when the broker cannot be asked.
   */
  async release(lock: string, runId: string): Promise<void> {
    const current = await this.read(lock);
    if (current?.record?.runId !== runId || current.record.until === "time") return;
    try {
      await this.#publisher.publish({
        subject: lockSubject(this.#connection.mesh, lock),
        body: EMPTY,
        headers: encodeHeaders([
          [EXPECT_SEQUENCE, String(current.sequence)],
          [TTL, MARKER_TTL],
          ["KV-Operation", "DEL"],
        ]),
      });
    } catch (error) {
      // Another run has just taken it over.
      if (!UmbelError.is(error, "conflict")) throw error;
    }
  }
}

function toStoredLock(message: StoredMsg): StoredLock {
  return {
    sequence: message.seq,
    record: message.data.byteLength === 0 ? undefined : readable(message.data),
  };
}

function readable(body: Uint8Array): LockRecord | undefined {
  try {
    return decodeLockRecord(body);
  } catch {
    // Written by hand: it locks nothing.
    return undefined;
  }
}
