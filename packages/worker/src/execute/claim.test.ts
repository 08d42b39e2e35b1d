import type { PullSource, StoredRecord, WriteOptions, WriteResult } from "@umbel/broker";
import type { OutcomeRecord, RunMeta, RunRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { UntouchedRuns } from "./untouched-runs.ts";
import { admitUnread, claimRun, type ClaimDeps } from "./claim.ts";
import { FakeDelivery } from "./delivery.test.helper.ts";
import type { Run } from "./run.ts";

const NOW = 1_000;
const META: RunMeta = { task: "t", enqueuedAt: 1, origin: "o", attempt: 1, verify: true };
const BASE = { task: "t", queue: "q", worker: "other", attempt: 1, starts: 1, at: 9, errors: [] };
const RUNNING: RunRecord = { ...BASE, state: "running", lostStarts: 0 };
const OUTCOME: OutcomeRecord = { ...BASE, state: "cancelled", fence: 0, enqueuedAt: 1 };

/** The record of one run, under compare-and-set. */
class OneRecord {
  readonly writes: WriteOptions[] = [];
  stored: StoredRecord | undefined;
  /** The server's clock. */
  time = NOW;
  /** What somebody else writes between our next read and our write. */
  overtakenBy: RunRecord | undefined;

  constructor(record?: RunRecord) {
    if (record !== undefined) this.put(record);
  }

  put(record: RunRecord): number {
    const sequence = (this.stored?.sequence ?? 10) + 1;
    this.stored = { sequence, record, tombstone: false, storedAt: this.time };
    return sequence;
  }

  async read(): Promise<StoredRecord | undefined> {
    return this.stored;
  }

  async now(): Promise<number> {
    return this.time;
  }

  async write(_: string, record: RunRecord, options: WriteOptions): Promise<WriteResult> {
    if (this.overtakenBy !== undefined) this.put(this.overtakenBy);
    this.overtakenBy = undefined;
    this.writes.push(options);
    if (this.stored !== undefined && this.stored.sequence !== options.expected)
      return { won: false, current: this.stored };
    return { won: true, sequence: this.put(record) };
  }
}

class LaneFakeDelivery extends FakeDelivery {
  override readonly source: PullSource = { consumer: "q-lane-1", queue: "q", priority: "normal", lane: 1 };
}

function run(meta: RunMeta, delivery: FakeDelivery = new FakeDelivery("umbel.T.q.n.t.run-1")): Run {
  return { runId: "run-1", queue: "q", meta, handler: undefined, trace: {}, delivery };
}

const deps = (records: OneRecord, heardCancel = false): ClaimDeps => ({
  records,
  workerId: "me",
  crashLoopLimit: 5,
  now: () => NOW,
  untouched: new UntouchedRuns(),
  heardCancel: () => heardCancel,
});

describe("a run whose record need not be read", () => {
  const fresh: RunMeta = { ...META, verify: false };

  test("starts without a claim", () => {
    expect(admitUnread(run(fresh), deps(new OneRecord()))).toMatchObject({ action: "start" });
  });

  test("expires without a look at its record", () => {
    const expired = { ...fresh, expiresAt: NOW };
    expect(admitUnread(run(expired), deps(new OneRecord()))).toMatchObject({ action: "expire" });
  });

  test.each([
    ["its header says so", META, false],
    ["it is a later attempt", { ...fresh, attempt: 2 }, false],
    ["a cancel of it was heard", fresh, true],
  ])("is none once %s", (_, meta, heardCancel) => {
    expect(admitUnread(run(meta), deps(new OneRecord(), heardCancel))).toBeUndefined();
  });
});

describe("a run that must be won", () => {
  test("starts once its claim is written, and is owned by that claim", async () => {
    const records = new OneRecord();
    await expect(claimRun(run(META), deps(records))).resolves.toEqual({
      action: "start",
      ownership: { expected: 11, attempt: 1, starts: 1, errors: [] },
    });
    expect(records.stored?.record).toEqual({
      ...BASE,
      state: "running",
      worker: "me",
      at: NOW,
      lostStarts: 0,
    });
    expect(records.writes).toEqual([{ expected: 0, ttl: "never" }]);
  });

  test("is claimed over the claim of a worker that was lost", async () => {
    const records = new OneRecord(RUNNING);
    await expect(claimRun(run(META), deps(records))).resolves.toMatchObject({
      action: "start",
      ownership: { expected: 12, attempt: 1, starts: 2 },
    });
    expect(records.stored?.record).toMatchObject({ worker: "me", lostStarts: 1 });
  });

  test("is neither read nor written twice when it is over", async () => {
    const records = new OneRecord(OUTCOME);
    await expect(claimRun(run(META), deps(records))).resolves.toEqual({ action: "finish", outcome: OUTCOME });
    expect(records.writes).toEqual([]);
  });
});

describe("a first delivery of a run with a key", () => {
  const meta: RunMeta = { ...META, verify: false };
  const keyed = (): Run => run(meta, new LaneFakeDelivery("umbel.K.q.1.k.run-1"));

  test("is claimed without a read", async () => {
    const records = new OneRecord();
    expect(admitUnread(keyed(), deps(records))).toBeUndefined();
    const reading = {
      ...deps(records),
      records: { read: unexpected, now: unexpected, write: records.write.bind(records) },
    };
    expect(await claimRun(keyed(), reading)).toMatchObject({ action: "start", ownership: { expected: 11 } });
    expect(records.writes).toEqual([{ expected: 0, ttl: "never" }]);
  });

  test("is left alone when it is executed elsewhere, and finished when it is over", async () => {
    expect(await claimRun(keyed(), deps(new OneRecord(RUNNING)))).toEqual({ action: "leave" });
    expect(await claimRun(keyed(), deps(new OneRecord(OUTCOME)))).toMatchObject({ action: "finish" });
  });
});

const unexpected = (): never => {
  throw new Error("nothing need be read");
};

describe("a run whose attempt has failed elsewhere", () => {
  // By a clock that is wrong by far: half a second after it wrote this, the next attempt is due.
  const at = NOW + 3_600_000;
  const failed: RunRecord = { ...BASE, state: "retrying", at, dueAt: at + 500 };

  test.each([
    [
      "waits for what is left of its backoff by the server's clock",
      499.5,
      { action: "wait", delayMs: 1, dueAt: NOW + 1 },
    ],
    ["starts once it is over by the server's clock", 500, { action: "start" }],
  ])("%s, whatever the clocks of workers say", async (_, ageMs, expected) => {
    const records = new OneRecord(failed);
    records.time += ageMs;
    await expect(claimRun(run(META), deps(records))).resolves.toMatchObject(expected);
  });

  test("starts when the message of its next attempt is here: the server has held it until it was due", async () => {
    const records = new OneRecord(failed);
    const next = run({ ...META, attempt: 2, dueAt: at + 500 });
    const { read, write } = { read: async () => records.stored, write: records.write.bind(records) };
    const claimed = claimRun(next, { ...deps(records), records: { read, write, now: unexpected } });
    await expect(claimed).resolves.toMatchObject({ action: "start" });
  });
});

describe("a run that somebody else was faster with", () => {
  test("is left alone when that one has begun it: whoever has just written a claim is alive", async () => {
    const records = new OneRecord();
    records.overtakenBy = RUNNING;
    await expect(claimRun(run(META), deps(records))).resolves.toEqual({ action: "leave" });
    expect(records.stored?.record).toBe(RUNNING);
    expect(records.writes).toHaveLength(1);
  });

  test("is finished when that one has ended it", async () => {
    const records = new OneRecord();
    records.overtakenBy = OUTCOME;
    await expect(claimRun(run(META), deps(records))).resolves.toEqual({ action: "finish", outcome: OUTCOME });
  });

  test("is claimed as what that one has made of it", async () => {
    const records = new OneRecord();
    records.overtakenBy = { ...BASE, state: "queued", since: 1 };
    await expect(claimRun(run(META), deps(records))).resolves.toMatchObject({
      action: "start",
      ownership: { expected: 12, attempt: 2, starts: 2 },
    });
  });

  test("starts in one place alone, when two want it at the same time", async () => {
    const records = new OneRecord();
    const both = await Promise.all([claimRun(run(META), deps(records)), claimRun(run(META), deps(records))]);
    expect(both.map(({ action }) => action)).toEqual(["start", "leave"]);
  });
});
