import type { ConnectionEvent, StoredRecord, Unsubscribe } from "@umbel/broker";
import { shardOf, UmbelError, type OutcomeRecord, type RunRecord } from "@umbel/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ResultInbox, type InboxConnection, type Waiter } from "./result-inbox.ts";

const BASE = { task: "t", queue: "q", worker: "w", attempt: 1, starts: 1, at: 9, errors: [] };
const OUTCOME: OutcomeRecord = { ...BASE, state: "succeeded", fence: 0, enqueuedAt: 1 };
const CLAIM: RunRecord = { ...BASE, state: "running", lostStarts: 0 };
const stored = (record: RunRecord): StoredRecord => ({ sequence: 1, record, tombstone: false, storedAt: 1 });

/** A connection on which nothing is ever heard: outcomes are found by reading records. */
class SilentConnection implements InboxConnection {
  readonly mesh = "umbel";
  readonly subjects = new Set<string>();
  readonly listeners = new Set<(event: ConnectionEvent) => void>();

  subscribe(subject: string): Unsubscribe {
    this.subjects.add(subject);
    return () => this.subjects.delete(subject);
  }

  onEvent(listener: (event: ConnectionEvent) => void): Unsubscribe {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

let connection: SilentConnection;
let inbox: ResultInbox;
const peek = vi.fn<(runId: string) => Promise<StoredRecord | undefined>>();
const readAll = async (runIds: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>> => {
  const found = new Map<string, StoredRecord>();
  for (const [runId, record] of await Promise.all(runIds.map(async (id) => [id, await peek(id)] as const)))
    if (record !== undefined) found.set(runId, record);
  return found;
};
const resolve = vi.fn<(outcome: OutcomeRecord) => void>();
const reject = vi.fn<(error: UmbelError) => void>();
const waiter: Waiter = { resolve, reject };

beforeEach(() => {
  vi.useFakeTimers();
  for (const fake of [peek, resolve, reject]) fake.mockReset();
  peek.mockResolvedValue(undefined);
  connection = new SilentConnection();
  inbox = new ResultInbox(connection, readAll, shardOf("own"));
});

afterEach(() => {
  inbox[Symbol.dispose]();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("an outcome that nobody announces is found by reading the record", () => {
  test("at once, when the run may have ended long ago", async () => {
    peek.mockResolvedValue(stored(OUTCOME));
    inbox.add("own", waiter, false);
    await pass(0);
    expect(resolve).toHaveBeenCalledExactlyOnceWith(OUTCOME);
    expect(inbox.size).toBe(0);
  });

  test("after a second, when the run was enqueued just now", async () => {
    peek.mockResolvedValue(stored(OUTCOME));
    inbox.add("own", waiter, true);
    await pass(900);
    expect(peek).not.toHaveBeenCalled();
    await pass(200);
    expect(resolve).toHaveBeenCalledExactlyOnceWith(OUTCOME);
  });

  test("more and more rarely, every half minute at least", async () => {
    inbox.add("own", waiter, true);
    const reads: number[] = [];
    const beganAt = performance.now();
    peek.mockImplementation(async () => {
      reads.push(performance.now() - beganAt);
      return undefined;
    });
    await pass(150_000);
    const gaps = reads.map((at, index) => Math.round((at - (reads[index - 1] ?? 0)) / 1_000));
    expect(gaps).toEqual([1, 1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test("at once after a reconnect", async () => {
    inbox.add("own", waiter, true);
    peek.mockResolvedValue(stored(OUTCOME));
    for (const listener of connection.listeners) listener({ type: "reconnected", server: "s" });
    await pass(100);
    expect(resolve).toHaveBeenCalledExactlyOnceWith(OUTCOME);
  });

  test("although the record is not there, or only a claim, for some time", async () => {
    peek
      .mockResolvedValueOnce(undefined)
      .mockResolvedValueOnce(stored(CLAIM))
      .mockResolvedValue(stored(OUTCOME));
    inbox.add("own", waiter, false);
    await pass(2_000);
    expect(resolve).not.toHaveBeenCalled();
    await pass(3_000);
    expect(resolve).toHaveBeenCalledExactlyOnceWith(OUTCOME);
  });

  test("although it cannot be read for some time", async () => {
    peek
      .mockRejectedValueOnce(new UmbelError("broker_unavailable", "away"))
      .mockResolvedValue(stored(OUTCOME));
    inbox.add("own", waiter, false);
    await pass(2_000);
    expect(reject).not.toHaveBeenCalled();
    expect(resolve).toHaveBeenCalledExactlyOnceWith(OUTCOME);
  });

  test("never, without the right to read it: whoever waits is told", async () => {
    const denied = new UmbelError("permission_denied", "no");
    peek.mockRejectedValue(denied);
    inbox.add("own", waiter, false);
    await pass(0);
    expect(reject).toHaveBeenCalledExactlyOnceWith(denied);
  });
});

describe("whoever waits", () => {
  test("is told with all others who wait for the same run", async () => {
    const other: Waiter = { resolve: vi.fn<(outcome: OutcomeRecord) => void>(), reject };
    inbox.add("own", waiter, true);
    inbox.add("own", other, true);
    peek.mockResolvedValue(stored(OUTCOME));
    await pass(1_100);
    expect(resolve).toHaveBeenCalledOnce();
    expect(other.resolve).toHaveBeenCalledOnce();
  });

  test("and stops waiting is not told, and leaves nothing behind", async () => {
    inbox.add("foreign-run", waiter, true);
    expect([...connection.subjects]).toHaveLength(2);
    inbox.remove("foreign-run", waiter);
    inbox.remove("foreign-run", waiter);
    expect(inbox.size).toBe(0);
    expect([...connection.subjects]).toEqual([`umbel.N.${shardOf("own")}.*`]);
    await pass(10_000);
    expect(peek).not.toHaveBeenCalled();
  });

  test("for a run of this producer needs no subscription, for a foreign one its own", () => {
    inbox.add("own", waiter, true);
    expect([...connection.subjects]).toEqual([`umbel.N.${shardOf("own")}.*`]);
    inbox.add("foreign-run", waiter, true);
    expect([...connection.subjects]).toContain(`umbel.N.${shardOf("foreign-run")}.foreign-run`);
  });
});

describe("once the mesh is closed", () => {
  const closed: unknown = expect.objectContaining({ code: "connection_closed" });

  test("whoever waits is told so", () => {
    inbox.add("own", waiter, true);
    inbox.add("foreign-run", waiter, true);
    inbox[Symbol.dispose]();
    expect(reject.mock.calls).toEqual([[closed], [closed]]);
    expect(inbox.size).toBe(0);
  });

  test("whoever comes later is told so: nothing would ever be heard", () => {
    inbox[Symbol.dispose]();
    inbox.add("own", waiter, true);
    inbox.add("foreign-run", waiter, false);
    expect(reject.mock.calls).toEqual([[closed], [closed]]);
    expect(peek).not.toHaveBeenCalled();
  });

  test("no subscription, listener or timer is left", () => {
    inbox.add("foreign-run", waiter, true);
    inbox[Symbol.dispose]();
    expect([connection.subjects.size, connection.listeners.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });
});
