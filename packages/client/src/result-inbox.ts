import type { BrokerConnection, RunRecords, Unsubscribe } from "@umbel/broker";
import {
  decodeRunRecord,
  isOutcome,
  lastToken,
  noticeSubject,
  shardNotices,
  shardOf,
  UmbelError,
  type OutcomeRecord,
} from "@umbel/protocol";
import { every } from "@umbel/runtime";
import { RecentNotices } from "./recent-notices.ts";

/** Someone who waits for the outcome of a run. */
export interface Waiter {
  resolve(outcome: OutcomeRecord): void;
  reject(error: UmbelError): void;
}

interface Awaited {
  readonly waiters: Set<Waiter>;
  readonly unsubscribe: Unsubscribe | undefined;
  nextCheckAt: number;
  checkEveryMs: number;
}

/** What an inbox needs of its connection. */
export type InboxConnection = Pick<BrokerConnection, "mesh" | "subscribe" | "onEvent">;

const SWEEP_MS = 100;
const FIRST_CHECK_MS = 1_000;
const LONGEST_CHECK_MS = 30_000;
const CHECKS_AT_ONCE = 64;

/**
 * Hears the outcomes of runs: one subscription for all runs of this producer, one more for each foreign run
 * that is waited for. An outcome is announced by the server only after it is stored; what an outage swallowed
 * is found by reading the record, at once after a reconnect and from time to time.
 */
export class ResultInbox implements Disposable {
  readonly #connection: InboxConnection;
  readonly #records: Pick<RunRecords, "peek">;
  readonly #ownShard: string;
  readonly #awaited = new Map<string, Awaited>();
  readonly #recent = new RecentNotices();
  readonly #stops: Unsubscribe[];
  #checking = 0;
  #closedBy: UmbelError | undefined;

  constructor(connection: InboxConnection, records: Pick<RunRecords, "peek">, ownShard: string) {
    this.#connection = connection;
    this.#records = records;
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
    awaited.waiters.add(waiter);
    if (fresh) return;
    awaited.nextCheckAt = 0;
    this.#sweep();
  }

  /** `waiter` has stopped waiting. */
  remove(runId: string, waiter: Waiter): void {
    const awaited = this.#awaited.get(runId);
    if (awaited === undefined) return;
    awaited.waiters.delete(waiter);
    if (awaited.waiters.size === 0) this.#close(runId, awaited);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops.splice(0)) stop();
    const closed = new UmbelError(
      "connection_closed",
      "the mesh is closed: no result can be awaited any more.",
    );
    this.#closedBy = closed;
    for (const [runId, awaited] of this.#awaited) {
      this.#close(runId, awaited);
      for (const waiter of awaited.waiters) waiter.reject(closed);
    }
  }

  #open(runId: string): Awaited {
    const own = shardOf(runId) === this.#ownShard;
    const awaited: Awaited = {
      waiters: new Set(),
      unsubscribe: own
        ? undefined
        : this.#connection.subscribe(noticeSubject(this.#connection.mesh, runId), (message) =>
            this.#onNotice(runId, message.data),
          ),
      nextCheckAt: performance.now() + FIRST_CHECK_MS,
      checkEveryMs: FIRST_CHECK_MS,
    };
    this.#awaited.set(runId, awaited);
    return awaited;
  }

  #close(runId: string, awaited: Awaited): void {
    awaited.unsubscribe?.();
    this.#awaited.delete(runId);
  }

  #onNotice(runId: string, body: Uint8Array): void {
    // An expired record is announced with an empty body.
    if (body.byteLength === 0) return;
    const awaited = this.#awaited.get(runId);
    if (awaited === undefined) this.#recent.add(runId, body);
    else if (this.#settle(body, awaited.waiters)) this.#close(runId, awaited);
  }

  #settle(body: Uint8Array, waiters: Iterable<Waiter>): boolean {
    const outcome = readOutcome(body);
    if (outcome === undefined) return false;
    for (const waiter of waiters) waiter.resolve(outcome);
    return true;
  }

  #checkAllSoon(): void {
    for (const awaited of this.#awaited.values()) awaited.nextCheckAt = 0;
  }

  #sweep(): void {
    const now = performance.now();
    for (const [runId, awaited] of this.#awaited) {
      if (this.#checking >= CHECKS_AT_ONCE) return;
      if (awaited.nextCheckAt > now) continue;
      awaited.nextCheckAt = now + awaited.checkEveryMs;
      awaited.checkEveryMs = Math.min(LONGEST_CHECK_MS, awaited.checkEveryMs * 2);
      void this.#check(runId, awaited);
    }
  }

  async #check(runId: string, awaited: Awaited): Promise<void> {
    this.#checking += 1;
    try {
      const stored = await this.#records.peek(runId);
      if (stored?.record === undefined || !isOutcome(stored.record)) return;
      if (this.#awaited.get(runId) !== awaited) return;
      this.#close(runId, awaited);
      for (const waiter of awaited.waiters) waiter.resolve(stored.record);
    } catch (error) {
      // An outage passes; a right that is missing does not.
      if (UmbelError.is(error, "permission_denied"))
        for (const waiter of awaited.waiters) waiter.reject(error);
    } finally {
      this.#checking -= 1;
    }
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
