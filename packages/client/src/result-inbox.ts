import type { BrokerConnection, StoredRecord, Unsubscribe } from "@umbel/broker";
import {
  decodeRunRecord,
  isOutcome,
  lastToken,
  noticeSubject,
  shardNotices,
  shardOf,
  UmbelError,
  type OutcomeRecord,
  type RunRecord,
} from "@umbel/protocol";
import { every, ShortLivedMap } from "@umbel/runtime";
import { RecentNotices } from "./recent-notices.ts";

/** Someone who waits for the outcome of a run. */
export interface Waiter {
  resolve(outcome: OutcomeRecord): void;
  reject(error: UmbelError): void;
}

interface Awaited {
  // Nearly always one.
  readonly waiters: Waiter[];
  readonly unsubscribe: Unsubscribe | undefined;
  nextCheckAt: number;
  checkEveryMs: number;
}

/** What an inbox needs of its connection. */
export type InboxConnection = Pick<BrokerConnection, "mesh" | "subscribe" | "onEvent">;

/** Reads the records of some runs, as many as there are. */
export type ReadRecords = (
  runIds: readonly string[],
) => Promise<ReadonlyMap<string, Pick<StoredRecord, "record">>>;

const SWEEP_MS = 100;
const FIRST_CHECK_MS = 1_000;
const LONGEST_CHECK_MS = 30_000;
/** Few enough that large results do not fill the memory at once. */
const CHECKS_AT_ONCE = 256;

/**
 * Hears the outcomes of runs: one subscription for all runs of this producer, one more for each foreign run
 * that is waited for. An outcome is announced by the server only after it is stored; what an outage swallowed
 * is found by reading the record, at once after a reconnect and from time to time.
 */
export class ResultInbox implements Disposable {
  readonly #connection: InboxConnection;
  readonly #readRecords: ReadRecords;
  readonly #ownShard: string;
  readonly #awaited = new ShortLivedMap<string, Awaited>();
  readonly #recent = new RecentNotices();
  readonly #stops: Unsubscribe[];
  #checking = false;
  #sweeping = false;
  #closedBy: UmbelError | undefined;

  constructor(connection: InboxConnection, readRecords: ReadRecords, ownShard: string) {
    this.#connection = connection;
    this.#readRecords = readRecords;
    this.#ownShard = ownShard;
    this.#stops = [
      connection.subscribe(shardNotices(connection.mesh, ownShard), (message) =>
        this.#onNotice(lastToken(message.subject), message.data),
      ),
      connection.onEvent((event) => event.type === "reconnected" && this.#checkAllSoon()),
      every(SWEEP_MS, () => this.#sweep()),
    ];
  }

  /** How many runs are waited for. */
  get size(): number {
    return this.#awaited.size;
  }

  /**
   * Tell `waiter` the outcome of `runId` once it is stored. `fresh` says that the run was enqueued just now, so
   * that its record need not be read at once.
   * Once the inbox is closed, the waiter is rejected.
   *
   * @throws UmbelError `connection_closed` when the connection is closed.
   */
  add(runId: string, waiter: Waiter, fresh: boolean): void {
    if (this.#closedBy !== undefined) return waiter.reject(this.#closedBy);
    const early = this.#recent.take(runId);
    if (early !== undefined && this.#settle(early, [waiter])) return;
    const awaited = this.#awaited.get(runId) ?? this.#open(runId);
    awaited.waiters.push(waiter);
    if (fresh) return;
    awaited.nextCheckAt = 0;
    this.#sweepSoon();
  }

  /** `waiter` has stopped waiting. */
  remove(runId: string, waiter: Waiter): void {
    const awaited = this.#awaited.get(runId);
    if (awaited === undefined) return;
    const at = awaited.waiters.indexOf(waiter);
    if (at !== -1) awaited.waiters.splice(at, 1);
    if (awaited.waiters.length === 0) this.#close(runId, awaited);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops.splice(0)) stop();
    const closed = new UmbelError(
      "connection_closed",
      "the mesh is closed: no result can be awaited any more.",
    );
    this.#closedBy = closed;
    for (const [runId, awaited] of this.#awaited.entries()) this.#refuse(runId, awaited, closed);
  }

  #open(runId: string): Awaited {
    const own = shardOf(runId) === this.#ownShard;
    const awaited: Awaited = {
      waiters: [],
      unsubscribe: own
        ? undefined
        : this.#connection.subscribe(noticeSubject(this.#connection.mesh, runId), (message) =>
            this.#onNotice(runId, message.data),
          ),
      nextCheckAt: performance.now() + FIRST_CHECK_MS,
      checkEveryMs: FIRST_CHECK_MS,
    };
    this.#awaited.add(runId, awaited);
    return awaited;
  }

  #close(runId: string, awaited: Awaited): void {
    awaited.unsubscribe?.();
    this.#awaited.take(runId);
  }

  // Whoever is not awaited any more has been told.
  #refuse(runId: string, awaited: Awaited, error: UmbelError): void {
    if (this.#awaited.get(runId) !== awaited) return;
    this.#close(runId, awaited);
    for (const waiter of awaited.waiters) waiter.reject(error);
  }

  #onNotice(runId: string, body: Uint8Array): void {
    // An expired record is announced with an empty body.
    if (body.byteLength === 0) return;
    const awaited = this.#awaited.get(runId);
    if (awaited === undefined) this.#recent.add(runId, body);
    else if (this.#settle(body, awaited.waiters)) this.#close(runId, awaited);
  }

  #settle(body: Uint8Array, waiters: readonly Waiter[]): boolean {
    const outcome = readOutcome(body);
    if (outcome === undefined) return false;
    for (const waiter of waiters) waiter.resolve(outcome);
    return true;
  }

  #checkAllSoon(): void {
    for (const awaited of this.#awaited.values()) awaited.nextCheckAt = 0;
  }

  // Many may ask in one go: one look at all of them.
  #sweepSoon(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    queueMicrotask(() => {
      this.#sweeping = false;
      this.#sweep();
    });
  }

  #sweep(): void {
    if (this.#checking) return;
    const now = performance.now();
    const due = new Map<string, Awaited>();
    for (const [runId, awaited] of this.#awaited.entries()) {
      if (awaited.nextCheckAt > now) continue;
      awaited.nextCheckAt = now + awaited.checkEveryMs;
      awaited.checkEveryMs = Math.min(LONGEST_CHECK_MS, awaited.checkEveryMs * 2);
      due.set(runId, awaited);
      if (due.size === CHECKS_AT_ONCE) break;
    }
    if (due.size > 0) void this.#check(due);
  }

  async #check(due: ReadonlyMap<string, Awaited>): Promise<void> {
    this.#checking = true;
    try {
      const found = await this.#readRecords([...due.keys()]);
      for (const [runId, awaited] of due) this.#found(runId, awaited, found.get(runId)?.record);
    } catch (error) {
      // An outage passes; a right that is missing does not.
      if (!UmbelError.is(error, "permission_denied")) return;
      for (const [runId, awaited] of due) this.#refuse(runId, awaited, error);
    } finally {
      this.#checking = false;
      this.#sweepSoon();
    }
  }

  #found(runId: string, awaited: Awaited, record: RunRecord | undefined): void {
    if (record === undefined || !isOutcome(record) || this.#awaited.get(runId) !== awaited) return;
    this.#close(runId, awaited);
    for (const waiter of awaited.waiters) waiter.resolve(record);
  }
}

// A claim, or something written by hand, is not what anyone waits for.
function readOutcome(body: Uint8Array): OutcomeRecord | undefined {
  try {
    const record = decodeRunRecord(body);
    return isOutcome(record) ? record : undefined;
  } catch {
    return undefined;
  }
}
