import type { StoredRecord } from "@umbel/broker";
import type { OutcomeRecord, RunMeta, RunRecord } from "@umbel/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { admit, type Admission } from "./admission.ts";

const LATEST = 2_000;

const time = fc.nat({ max: LATEST });
const count = fc.nat({ max: 20 });
const base = {
  task: fc.constant("t"),
  queue: fc.constant("q"),
  worker: fc.constant("w"),
  at: time,
  starts: count,
  errors: fc.constant([]),
};
const open: fc.Arbitrary<RunRecord> = fc.oneof(
  fc.record({
    ...base,
    state: fc.constant("running" as const),
    attempt: count.map((attempts) => attempts + 1),
    lostStarts: count,
  }),
  fc.record({ ...base, state: fc.constant("retrying" as const), attempt: count, dueAt: time }),
  fc.record({ ...base, state: fc.constant("queued" as const), attempt: count, since: time }),
);
const outcome: fc.Arbitrary<OutcomeRecord> = fc.record({
  ...base,
  state: fc.constantFrom("succeeded" as const, "failed" as const, "cancelled" as const, "expired" as const),
  attempt: count,
  fence: count,
  enqueuedAt: time,
});
const sequence = fc.integer({ min: 1, max: 1_000_000 });
const found = (record: fc.Arbitrary<RunRecord | undefined>): fc.Arbitrary<StoredRecord> =>
  fc.record({ sequence, record, tombstone: fc.constant(false), storedAt: time });
const tombstone: fc.Arbitrary<StoredRecord> = fc.record({
  sequence,
  record: fc.constant(undefined),
  tombstone: fc.constant(true),
  storedAt: time,
});
const anything: fc.Arbitrary<StoredRecord | undefined> = fc.oneof(
  fc.constant(undefined),
  found(fc.oneof(open, outcome, fc.constant(undefined))),
  tombstone,
);
const meta: fc.Arbitrary<RunMeta> = fc
  .record(
    { attempt: fc.integer({ min: 1, max: 20 }), verify: fc.boolean(), expiresAt: time },
    { requiredKeys: ["attempt", "verify"] },
  )
  .map((own) => ({ task: "t", enqueuedAt: 1, origin: "o", ...own }));
const facts = fc.record({ now: time, crashLoopLimit: fc.integer({ min: 1, max: 10 }) });

function dueAt(record: RunRecord | undefined): number {
  return record?.state === "retrying" ? record.dueAt : 0;
}

function expectedBy(admission: Admission): number | undefined {
  if (admission.action === "claim") return admission.claim.expected;
  return "ownership" in admission ? admission.ownership.expected : undefined;
}

test("what has an outcome, or had one, is never executed again", () => {
  fc.assert(
    fc.property(fc.tuple(meta, found(outcome), tombstone, facts), ([about, over, forgotten, limits]) => {
      expect(admit(about, over, limits)).toEqual({ action: "finish", outcome: over.record });
      expect(admit(about, forgotten, limits)).toEqual({ action: "forget" });
    }),
  );
});

test("nothing that was read starts without a claim, and everything expects exactly what was read", () => {
  fc.assert(
    fc.property(meta, anything, facts, (about, read, limits) => {
      const admission = admit(about, read, limits);
      expect(admission.action).not.toBe("start");
      expect([undefined, read?.sequence ?? 0]).toContain(expectedBy(admission));
    }),
  );
});

test("nothing is claimed before it is due, after it has expired, or in a crash loop", () => {
  fc.assert(
    fc.property(meta, found(open), facts, (about, read, limits) => {
      const admission = admit(about, read, limits);
      fc.pre(admission.action === "claim");
      expect(dueAt(read.record)).toBeLessThanOrEqual(limits.now);
      expect(about.expiresAt ?? LATEST + 1).toBeGreaterThan(limits.now);
      expect(admission.claim.lostStarts).toBeLessThan(limits.crashLoopLimit);
    }),
  );
});

test("a claim counts one more start; an attempt that was lost begins again, any other is the next", () => {
  fc.assert(
    fc.property(open, sequence, facts, (record, at, limits) => {
      const endless: RunMeta = { task: "t", enqueuedAt: 1, origin: "o", attempt: 1, verify: true };
      const admission = admit(endless, { sequence: at, record, tombstone: false, storedAt: 1 }, limits);
      fc.pre(admission.action === "claim");
      const lost = record.state === "running" ? 1 : 0;
      expect(admission.claim).toMatchObject({
        starts: record.starts + 1,
        attempt: record.attempt + 1 - lost,
        lostStarts: record.state === "running" ? record.lostStarts + 1 : 0,
      });
    }),
  );
});
