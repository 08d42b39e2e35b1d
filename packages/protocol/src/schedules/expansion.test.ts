import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  expandSchedule,
  hasEnded,
  isDue,
  nextFireOf,
  withFiring,
  withoutPending,
  withStates,
  type Expansion,
} from "./expansion.ts";
import { firedRunId } from "./schedule-definition.ts";
import type { Firing, FiringState, ScheduleRecord } from "./schedule-record.ts";
import { record } from "./schedule.test.helper.ts";

const MINUTE = 60_000;
const NONE: ReadonlyMap<string, FiringState> = new Map();

function expand(from: ScheduleRecord, now: number, ended = NONE): Expansion {
  const expansion = expandSchedule("s", from, { now, ended });
  if (expansion === undefined) throw new Error("nothing is due");
  return expansion;
}

function times({ record: { pending } }: Expansion): readonly number[] {
  return pending.map(({ fireAt }) => fireAt);
}

const running = (fireAt: number): Firing => ({
  runId: firedRunId("s", fireAt),
  kind: "on-time",
  fireAt,
  at: fireAt,
});

describe("when something is due", () => {
  test("a tick comes a little early, and finds its firing due", () => {
    const once = record({ rule: { kind: "at", at: 10_000 } });
    expect(isDue(once, 9_600)).toBe(true);
    expect(isDue(once, 9_000)).toBe(false);
    expect(expandSchedule("s", once, { now: 9_000, ended: NONE })).toBeUndefined();
    expect(expand(once, 9_600).record).toMatchObject({
      cursor: 10_000,
      fired: 1,
      pending: [{ runId: "s-19700101T000010Z", kind: "on-time", fireAt: 10_000, at: 9_600 }],
    });
  });

  test("nothing is while it is paused, nor once it has ended", () => {
    const paused = record({}, { paused: { at: 0 } });
    expect(nextFireOf(paused)).toBeUndefined();
    expect(hasEnded(paused)).toBe(false);
    const used = record({ maxRuns: 2 }, { fired: 2 });
    expect(nextFireOf(used)).toBeUndefined();
    expect(hasEnded(used)).toBe(true);
    expect(hasEnded(record({ rule: { kind: "at", at: 10_000 } }, { cursor: 10_000 }))).toBe(true);
  });
});

describe("what was missed", () => {
  const late = 10 * MINUTE;

  test("skip makes up for nothing, but a minute is not late", () => {
    const daily = { rule: { kind: "every", everyMs: MINUTE * 5 }, catchUp: "skip" } as const;
    const expansion = expand(record(daily), late + MINUTE + 1);
    expect(times(expansion)).toEqual([]);
    expect(expansion.record).toMatchObject({ cursor: late, missedCount: 2, fired: 0 });
    expect(expansion.missed).toEqual([{ why: "late", fireAt: late, count: 2 }]);
    expect(times(expand(record(daily), late + MINUTE))).toEqual([late]);
  });

  test("latest makes up for the last", () => {
    const expansion = expand(record(), 5_100);
    expect(times(expansion)).toEqual([5_000]);
    expect(expansion.missed).toEqual([{ why: "late", fireAt: 5_000, count: 4 }]);
  });

  test("all makes up for as many as its limit says, oldest first", () => {
    const expansion = expand(record({ catchUp: "all", catchUpLimit: 3 }), late);
    expect(times(expansion)).toEqual([late - 2_000, late - 1_000, late]);
    expect(expansion.record.missedCount).toBe(597);
    expect(expansion.record.pending.map(({ kind }) => kind)).toEqual(["on-time", "on-time", "on-time"]);
    const slow = expand(record({ catchUp: "all", rule: { kind: "every", everyMs: MINUTE } }), late);
    expect(slow.record.pending[0]).toMatchObject({ kind: "caught-up" });
    expect(slow.missed).toEqual([]);
  });

  test("what has expired is missed as such", () => {
    const expansion = expand(record({ catchUp: "all", expiresMs: 2_000 }), 5_000);
    expect(times(expansion)).toEqual([4_000, 5_000]);
    expect(expansion.missed).toEqual([{ why: "expired", fireAt: 5_000, count: 3 }]);
  });

  test("nobody misses what comes behind the last run that it may make", () => {
    const expansion = expand(record({ catchUp: "all", maxRuns: 2 }), 5_000);
    expect(times(expansion)).toEqual([1_000, 2_000]);
    expect(expansion.missed).toEqual([]);
    expect(hasEnded(expansion.record)).toBe(true);
  });
});

describe("while a run of it has not ended", () => {
  const before = { runs: [running(0)] };

  test("allow makes another one", () => {
    expect(times(expand(record({}, before), 1_000))).toEqual([1_000]);
  });

  test("skip makes none, and one as soon as it has ended", () => {
    const skipping = record({ overlap: "skip" }, before);
    const expansion = expand(skipping, 1_000);
    expect(times(expansion)).toEqual([]);
    expect(expansion.missed).toEqual([{ why: "overlap", fireAt: 1_000, count: 1 }]);
    const ended = new Map<string, FiringState>([[firedRunId("s", 0), "failed"]]);
    const next = expand(expansion.record, 2_000, ended);
    expect(times(next)).toEqual([2_000]);
    expect(next.record.runs).toMatchObject([{ state: "failed" }, { fireAt: 2_000 }]);
  });

  test("a run that the mesh has forgotten has ended", () => {
    const ended = new Map<string, FiringState>([[firedRunId("s", 0), "unknown"]]);
    expect(times(expand(record({ overlap: "skip" }, before), 1_000, ended))).toEqual([1_000]);
  });

  test("skip and cancel-previous make one of several at once, queue makes all", () => {
    const counts = (["skip", "cancel-previous", "queue"] as const).map(
      (overlap) => times(expand(record({ overlap, catchUp: "all" }), 3_000)).length,
    );
    expect(counts).toEqual([1, 1, 3]);
  });

  test("a run that goes on is remembered, however many have ended since", () => {
    let now = record({ overlap: "allow" }, before);
    for (let at = 1_000; at <= 60_000; at += 1_000) {
      const last = now.runs.at(-1);
      const ended = new Map<string, FiringState>();
      if (last !== undefined && last.fireAt > 0) ended.set(last.runId, "succeeded");
      now = expand(now, at, ended).record;
    }
    expect(now.runs).toHaveLength(20);
    expect(now.runs[0]).toEqual(running(0));
    expect(now.runs.at(-1)).toMatchObject({ fireAt: 60_000 });
  });
});

test("a run by hand is no firing, and what is enqueued is struck off", () => {
  const byHand: Firing = { runId: "x", kind: "by-hand", fireAt: 5, at: 5 };
  const asked = withFiring(record({}, { pending: [running(1)] }), byHand);
  expect(asked).toMatchObject({ fired: 0, cursor: 0, runs: [byHand], pending: [running(1), byHand] });
  expect(withoutPending(asked, new Set(["x"])).pending).toEqual([running(1)]);
  expect(withStates(asked, new Map([["x", "cancelled"]])).runs).toMatchObject([{ state: "cancelled" }]);
});

test("however late and however often it is asked, each time is dealt with once", () => {
  const settings = fc.record({
    catchUp: fc.constantFrom("skip", "latest", "all"),
    overlap: fc.constantFrom("allow", "skip", "queue", "cancel-previous"),
    catchUpLimit: fc.integer({ min: 1, max: 5 }),
    expiresMs: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
  } as const);
  const pauses = fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(settings, pauses, ({ expiresMs, ...policies }, steps) => {
      let current = record({ ...policies, ...(expiresMs === undefined ? {} : { expiresMs }) });
      let now = 0;
      const made: number[] = [];
      for (const step of steps) {
        now += step;
        const expansion = expandSchedule("s", current, { now, ended: NONE });
        if (expansion === undefined) continue;
        made.push(...times(expansion));
        current = withoutPending(
          expansion.record,
          new Set(expansion.record.pending.map(({ runId }) => runId)),
        );
        // Whoever comes second, at the same moment, finds nothing to do.
        expect(expandSchedule("s", current, { now, ended: NONE })).toBeUndefined();
      }
      expect(new Set(made).size).toBe(made.length);
      expect(made).toEqual(made.toSorted((left, right) => left - right));
      expect(current.fired).toBe(made.length);
      expect(current.fired + current.missedCount).toBe(current.cursor / 1_000);
    }),
  );
});
