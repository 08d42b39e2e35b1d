import type { StoredRecord } from "@umbel/broker";
import type { AttemptError, OutcomeRecord, RunMeta, RunRecord } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { admit, admitFirst, needsRecord } from "./admission.ts";

const NOW = 1_000_000;
const FACTS = { now: NOW, crashLoopLimit: 5 };
const META: RunMeta = { task: "t", enqueuedAt: 1, origin: "o", attempt: 1, verify: false };
const EXPIRED: RunMeta = { ...META, expiresAt: NOW };
const ERRORS: readonly AttemptError[] = [{ attempt: 1, at: 7, error: { name: "Error", message: "first" } }];

const BASE = { task: "t", queue: "q", worker: "w", attempt: 2, starts: 4, at: 9, errors: ERRORS };
const RUNNING: RunRecord = { ...BASE, state: "running", lostStarts: 1 };
const RETRYING: RunRecord = { ...BASE, state: "retrying", dueAt: NOW };
const QUEUED: RunRecord = { ...BASE, state: "queued", since: 5 };
const OUTCOME: OutcomeRecord = { ...BASE, state: "succeeded", fence: 0, enqueuedAt: 1 };

const stored = (record: RunRecord | undefined, sequence = 33): StoredRecord => ({
  sequence,
  record,
  tombstone: false,
  storedAt: 1,
});
const TOMBSTONE: StoredRecord = { sequence: 44, record: undefined, tombstone: true, storedAt: 1 };

describe("the record of a run must be read before it may start", () => {
  test.each([
    [true, META, false],
    [false, META, true],
    [true, { ...META, attempt: 2 }, true],
    [true, { ...META, verify: true }, true],
  ])("untouched by others: %s, of %o: %s", (untouched, meta, expected) => {
    expect(needsRecord(untouched, meta)).toBe(expected);
  });
});

describe("a first delivery of a first attempt", () => {
  test("starts, and owns the run because there is no record", () => {
    expect(admitFirst(META, FACTS)).toEqual({
      action: "start",
      ownership: { expected: 0, attempt: 1, starts: 1, errors: [] },
    });
  });

  test("starts until the moment it expires", () => {
    expect(admitFirst({ ...META, expiresAt: NOW + 1 }, FACTS).action).toBe("start");
  });

  test("that has expired never starts: no attempt and no start is counted", () => {
    expect(admitFirst(EXPIRED, FACTS)).toEqual({
      action: "expire",
      ownership: { expected: 0, attempt: 0, starts: 0, errors: [] },
    });
  });
});

describe("a run without a record", () => {
  test("is claimed as its first attempt, where no record is expected", () => {
    expect(admit(META, undefined, FACTS)).toEqual({
      action: "claim",
      claim: { expected: 0, attempt: 1, starts: 1, lostStarts: 0, errors: [] },
    });
  });

  test("counts the attempts that its header tells of", () => {
    expect(admit({ ...META, attempt: 4 }, undefined, FACTS)).toEqual({
      action: "claim",
      claim: { expected: 0, attempt: 4, starts: 4, lostStarts: 0, errors: [] },
    });
  });

  test("that has expired never starts", () => {
    expect(admit(EXPIRED, undefined, FACTS)).toEqual({
      action: "expire",
      ownership: { expected: 0, attempt: 0, starts: 0, errors: [] },
    });
  });

  test("but with one that nobody can read is claimed over it", () => {
    expect(admit(META, stored(undefined, 12), FACTS)).toMatchObject({
      action: "claim",
      claim: { expected: 12, attempt: 1, starts: 1, lostStarts: 0 },
    });
  });
});

describe("a run that somebody began and never ended", () => {
  test("is claimed again as the same attempt, one start and one lost start later", () => {
    expect(admit(META, stored(RUNNING), FACTS)).toEqual({
      action: "claim",
      claim: { expected: 33, attempt: 2, starts: 5, lostStarts: 2, errors: ERRORS },
    });
  });

  test("is claimed once more below the crash-loop limit", () => {
    const lost: RunRecord = { ...BASE, state: "running", lostStarts: 3 };
    expect(admit(META, stored(lost), FACTS)).toMatchObject({ action: "claim", claim: { lostStarts: 4 } });
  });

  test("is given up at the crash-loop limit, as the attempt that was lost", () => {
    const lost: RunRecord = { ...BASE, state: "running", lostStarts: 4 };
    expect(admit(META, stored(lost), FACTS)).toEqual({
      action: "give-up",
      lostStarts: 5,
      ownership: { expected: 33, attempt: 2, starts: 4, errors: ERRORS },
    });
  });

  test("expires rather than being given up", () => {
    const lost: RunRecord = { ...BASE, state: "running", lostStarts: 4 };
    expect(admit(EXPIRED, stored(lost), FACTS)).toMatchObject({
      action: "expire",
      ownership: { expected: 33, attempt: 1, starts: 4 },
    });
  });
});

describe("a run whose attempt failed", () => {
  test("is claimed as the next attempt once that is due", () => {
    expect(admit(META, stored(RETRYING), FACTS)).toEqual({
      action: "claim",
      claim: { expected: 33, attempt: 3, starts: 5, lostStarts: 0, errors: ERRORS },
    });
  });

  test("waits until it is due", () => {
    const early: RunRecord = { ...BASE, state: "retrying", dueAt: NOW + 250 };
    expect(admit(META, stored(early), FACTS)).toEqual({
      action: "wait",
      dueAt: NOW + 250,
      delayMs: 250,
      ownership: { expected: 33, attempt: 2, starts: 4, errors: ERRORS },
    });
  });

  test("is due when the message of that attempt says, which may have been promoted, and was held until then", () => {
    const early: RunRecord = { ...BASE, state: "retrying", dueAt: NOW + 250 };
    const scheduled = { ...META, attempt: 3, verify: true };
    expect(admit({ ...scheduled, dueAt: NOW }, stored(early), FACTS).action).toBe("claim");
    // By the server's clock, which may be ahead of this machine's.
    expect(admit({ ...scheduled, dueAt: NOW + 250 }, stored(early), FACTS).action).toBe("claim");
    for (const meta of [scheduled, { ...META, dueAt: NOW }, { ...scheduled, attempt: 2, dueAt: NOW }]) {
      expect(admit(meta, stored(early), FACTS).action).toBe("wait");
    }
  });

  test("does not wait for an attempt that would come too late", () => {
    const early: RunRecord = { ...BASE, state: "retrying", dueAt: NOW + 250 };
    expect(admit({ ...META, expiresAt: NOW + 250 }, stored(early), FACTS).action).toBe("expire");
    expect(admit({ ...META, expiresAt: NOW + 251 }, stored(early), FACTS).action).toBe("wait");
    expect(admit({ ...META, deadlineAt: NOW + 250 }, stored(early), FACTS).action).toBe("miss-deadline");
  });

  test("expires although its next attempt is not due yet", () => {
    const early: RunRecord = { ...BASE, state: "retrying", dueAt: NOW + 250 };
    expect(admit(EXPIRED, stored(early), FACTS)).toEqual({
      action: "expire",
      ownership: { expected: 33, attempt: 2, starts: 4, errors: ERRORS },
    });
  });

  test("is told by its record, not by its header", () => {
    const scheduled = { ...META, attempt: 9, verify: true };
    expect(admit(scheduled, stored(RETRYING), FACTS)).toMatchObject({ claim: { attempt: 3, starts: 5 } });
  });
});

describe("a run that was handed back", () => {
  test("is claimed as the next attempt: what was handed back counts for none", () => {
    expect(admit(META, stored(QUEUED), FACTS)).toEqual({
      action: "claim",
      claim: { expected: 33, attempt: 3, starts: 5, lostStarts: 0, errors: ERRORS },
    });
  });

  test("expires", () => {
    expect(admit(EXPIRED, stored(QUEUED), FACTS)).toMatchObject({
      action: "expire",
      ownership: { expected: 33, attempt: 2, starts: 4 },
    });
  });
});

describe("a run that is over", () => {
  test.each(["succeeded", "failed", "cancelled", "expired"] as const)(
    "%s is finished, not executed, whatever else is true of it",
    (state) => {
      const outcome: OutcomeRecord = { ...OUTCOME, state };
      for (const meta of [META, EXPIRED, { ...META, attempt: 7, verify: true }])
        expect(admit(meta, stored(outcome), FACTS)).toEqual({ action: "finish", outcome });
    },
  );

  test("and forgotten is removed, although it has expired too", () => {
    expect(admit(META, TOMBSTONE, FACTS)).toEqual({ action: "forget" });
    expect(admit(EXPIRED, TOMBSTONE, FACTS)).toEqual({ action: "forget" });
  });
});

describe("a run whose deadline has passed", () => {
  const LATE: RunMeta = { ...META, deadlineAt: NOW };

  test("expires if nobody has started it", () => {
    const ownership = { expected: 0, attempt: 0, starts: 0, errors: [] };
    expect(admitFirst(LATE, FACTS)).toEqual({ action: "expire", ownership });
    expect(admit(LATE, undefined, FACTS)).toEqual({ action: "expire", ownership });
    expect(admitFirst({ ...META, deadlineAt: NOW + 1 }, FACTS).action).toBe("start");
  });

  test.each([
    ["began and never ended", RUNNING, 1],
    ["failed", RETRYING, 2],
  ])("has missed it if an attempt %s", (_, record, attempt) => {
    const ownership = { expected: 33, attempt, starts: 4, errors: ERRORS };
    expect(admit(LATE, stored(record), FACTS)).toEqual({ action: "miss-deadline", ownership });
  });

  test("is over with its outcome", () => {
    expect(admit(LATE, stored(OUTCOME), FACTS).action).toBe("finish");
  });
});
