import * as fc from "fast-check";
import { PRIORITIES, type Priority } from "@umbel/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EarlyRuns, type EarlyRun } from "./early-runs.ts";

const NOW = 1_800_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Bench {
  readonly early: EarlyRuns;
  readonly due: EarlyRun[];
  readonly givenUp: number[];
  hold(inMs: number, priority?: Priority): EarlyRun;
  /** How many more there is room for. */
  room: number;
}

function bench(now: () => number = Date.now): Bench {
  const due: EarlyRun[] = [];
  const givenUp: number[] = [];
  const onDue = (run: EarlyRun): boolean => {
    if (state.room === 0) return false;
    state.room -= 1;
    due.push(run);
    return true;
  };
  const early = new EarlyRuns({ now, onDue });
  const hold = (inMs: number, priority: Priority = "normal"): EarlyRun => {
    const user = { begin: () => undefined, giveUp: () => givenUp.push(inMs) };
    const run: EarlyRun = { user, dueAt: NOW + inMs, priority };
    early.hold(run);
    return run;
  };
  const state: Bench = { early, due, givenUp, hold, room: Number.POSITIVE_INFINITY };
  return state;
}

const inMs = (runs: readonly EarlyRun[]): readonly number[] => runs.map(({ dueAt }) => dueAt - NOW);

describe("a run that is held", () => {
  test("goes when it is due and not before, whatever comes after it", () => {
    const { early, due, hold } = bench();
    hold(100);
    hold(20);
    hold(60);
    vi.advanceTimersByTime(19);
    expect(inMs(due)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(inMs(due)).toEqual([20]);
    vi.advanceTimersByTime(79);
    expect(inMs(due)).toEqual([20, 60]);
    vi.advanceTimersByTime(1);
    expect(inMs(due)).toEqual([20, 60, 100]);
    expect(early.size).toBe(0);
  });

  test("stays when the timer fires before the server's clock has come so far", () => {
    let behindMs = 5;
    const { due, hold } = bench(() => Date.now() - behindMs);
    hold(10);
    behindMs = 8;
    vi.advanceTimersByTime(15);
    expect(due).toEqual([]);
    vi.advanceTimersByTime(3);
    expect(inMs(due)).toEqual([10]);
  });

  test("does not wait for a fraction of a millisecond that is missing", () => {
    const { due, hold } = bench(() => Date.now() + 0.4);
    hold(10);
    vi.advanceTimersByTime(10);
    expect(inMs(due)).toEqual([10]);
  });
});

test("of runs that are due at the same time the more urgent go first, and then those that came first", () => {
  const { due, hold } = bench();
  const runs = (["low", "high", "normal", "high", "low"] as const).map((priority) => hold(5, priority));
  vi.advanceTimersByTime(5);
  expect(due.map(({ user }) => runs.findIndex((run) => run.user === user))).toEqual([1, 3, 2, 0, 4]);
});

describe("a run that is due while there is no room", () => {
  test("goes as soon as there is some", () => {
    const state = bench();
    state.room = 1;
    state.hold(10);
    state.hold(11);
    vi.advanceTimersByTime(50);
    expect(inMs(state.due)).toEqual([10]);
    state.room = 1;
    vi.advanceTimersByTime(2);
    expect(inMs(state.due)).toEqual([10, 11]);
  });

  test("is given up after a while, so that others may have it", () => {
    const state = bench();
    state.room = 0;
    state.hold(10);
    vi.advanceTimersByTime(110);
    expect(state.givenUp).toEqual([]);
    vi.advanceTimersByTime(4);
    expect(state.givenUp).toEqual([10]);
    expect(state.early.size).toBe(0);
  });
});

test("a worker that stops gives all of them up, and none goes later", () => {
  const { early, due, givenUp, hold } = bench();
  hold(10);
  hold(5);
  early.giveUp();
  expect(givenUp.toSorted((one, other) => one - other)).toEqual([5, 10]);
  expect(early.size).toBe(0);
  vi.advanceTimersByTime(20);
  expect(due).toEqual([]);
  hold(30);
  vi.advanceTimersByTime(30);
  expect(inMs(due)).toEqual([30]);
});

test("however many are held, they go in order", () => {
  const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom(...PRIORITIES)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 50 }), (held, step) => {
      vi.setSystemTime(NOW);
      const { early, due, hold } = bench();
      for (const [dueInMs, priority] of held) hold(dueInMs, priority);
      for (let passed = 0; passed < 300; passed += step) {
        vi.advanceTimersByTime(step);
        expect(due.every(({ dueAt }) => dueAt <= Date.now())).toBe(true);
        expect(early.size + due.length).toBe(held.length);
      }
      const key = (run: EarlyRun): number => (run.dueAt - NOW) * 3 + PRIORITIES.indexOf(run.priority);
      expect(due.map(key)).toEqual(due.map(key).toSorted((one, other) => one - other));
      expect(early.size).toBe(0);
    }),
  );
});
