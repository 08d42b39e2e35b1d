import { describe, expect, test } from "vitest";
import { canFollow, isOutcomeState, RUN_TRANSITIONS, type RunState } from "./run-state.ts";

const STATES: readonly RunState[] = [
  "scheduled",
  "queued",
  "running",
  "retrying",
  "succeeded",
  "failed",
  "cancelled",
  "expired",
  "unknown",
];
const OUTCOMES = STATES.filter(isOutcomeState);

describe("the table of run states", () => {
  test("has a row for every state, and leads to no other", () => {
    expect(Object.keys(RUN_TRANSITIONS).toSorted()).toEqual(STATES.toSorted());
    for (const next of Object.values(RUN_TRANSITIONS)) {
      expect(STATES).toEqual(expect.arrayContaining([...next]));
      expect(new Set(next).size).toBe(next.length);
    }
  });

  test("ends in four outcomes: nothing follows them but being forgotten", () => {
    expect(OUTCOMES).toEqual(["succeeded", "failed", "cancelled", "expired"]);
    for (const outcome of OUTCOMES) expect(RUN_TRANSITIONS[outcome]).toEqual(["unknown"]);
  });

  test("lets every run reach every outcome, from every state", () => {
    for (const state of STATES.filter((from) => !isOutcomeState(from))) {
      const reached = reachableFrom(state);
      for (const outcome of OUTCOMES) expect(reached).toContain(outcome);
    }
  });

  test("is what canFollow says", () => {
    for (const from of STATES) {
      const allowed = STATES.filter((to) => canFollow(from, to));
      expect(allowed.toSorted()).toEqual(RUN_TRANSITIONS[from].toSorted());
    }
    expect(canFollow("succeeded", "running")).toBe(false);
    expect(canFollow("running", "retrying")).toBe(true);
  });

  function reachableFrom(start: RunState): Set<RunState> {
    const reached = new Set<RunState>([start]);
    for (const state of reached) for (const next of RUN_TRANSITIONS[state]) reached.add(next);
    return reached;
  }
});

test.each(["running", "done", "", "constructor", undefined, null, 5, {}])("%j is no outcome", (value) => {
  expect(isOutcomeState(value)).toBe(false);
});
