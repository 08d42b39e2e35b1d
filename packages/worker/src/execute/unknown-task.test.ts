import type { StoredRecord } from "@umbel/broker";
import type { RunRecord } from "@umbel/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unknownTaskStep, type UnknownTaskStep } from "./unknown-task.ts";

const NOW = 10_000_000;
const GRACE_MS = 600_000;
const BASE = { task: "t", queue: "q", worker: "w", attempt: 0, starts: 0, at: 1, errors: [] };

const stored = (record: RunRecord | undefined): StoredRecord => ({
  sequence: 5,
  record,
  tombstone: false,
  storedAt: 1,
});
const parked = (since: number): StoredRecord => stored({ ...BASE, state: "queued", since });
const step = (found: StoredRecord | undefined, graceMs = GRACE_MS): UnknownTaskStep =>
  unknownTaskStep(found, { now: NOW, graceMs });

describe("a run of an unknown task that no worker has handed back yet", () => {
  test.each<[string, StoredRecord | undefined]>([
    ["without a record", undefined],
    ["with an unreadable record", stored(undefined)],
    ["that was begun elsewhere", stored({ ...BASE, state: "running", lostStarts: 1 })],
    ["that is to be tried again", stored({ ...BASE, state: "retrying", dueAt: 1 })],
    ["that a stopping worker handed back", parked(0)],
    ["that is over", stored({ ...BASE, state: "failed", fence: 0, enqueuedAt: 1 })],
  ])("has all of its grace: %s", (_, found) => {
    expect(step(found)).toEqual({ action: "park", since: NOW, delayMs: 1_000 });
  });
});

describe("a run of an unknown task that was handed back before", () => {
  test.each([
    [1_000, 1_000],
    [2_000, 1_000],
    [2_001, 1_001],
    [8_000, 4_000],
    [60_000, 30_000],
    [500_000, 30_000],
    [GRACE_MS - 5_000, 5_000],
    [GRACE_MS - 1, 1],
  ])("%i ms ago comes back after %i ms", (ageMs, delayMs) => {
    expect(step(parked(NOW - ageMs))).toEqual({ action: "park", since: NOW - ageMs, delayMs });
  });

  test("is given up once its grace is over", () => {
    expect(step(parked(NOW - GRACE_MS))).toEqual({ action: "give-up" });
    expect(step(parked(NOW - GRACE_MS - 1))).toEqual({ action: "give-up" });
  });

  test("by a worker whose clock is ahead still has its grace", () => {
    expect(step(parked(NOW + 5_000))).toMatchObject({ action: "park", delayMs: 1_000 });
  });
});

test("a grace shorter than the shortest interval is waited for once", () => {
  expect(step(undefined, 200)).toEqual({ action: "park", since: NOW, delayMs: 200 });
  expect(step(parked(NOW - 200), 200)).toEqual({ action: "give-up" });
});

test("a run is looked at again within its grace, not before a millisecond and not after half a minute", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 * GRACE_MS }), fc.integer({ min: 1, max: GRACE_MS }), (ageMs, graceMs) => {
      const next = step(parked(NOW - ageMs), graceMs);
      const delayMs = next.action === "park" ? next.delayMs : 1;
      expect(next.action).toBe(ageMs < graceMs ? "park" : "give-up");
      expect(delayMs).toSatisfy(Number.isInteger);
      expect(delayMs).toBeGreaterThanOrEqual(1);
      expect(delayMs).toBeLessThanOrEqual(Math.min(30_000, Math.max(1, graceMs - ageMs)));
    }),
  );
});
