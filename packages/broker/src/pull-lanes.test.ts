import { describe, expect, test } from "vitest";
import { nextStep, rotate, type PullStep, type SourceState } from "./pull-requests.ts";

const FREE = { holdsLane: (): boolean => false };
const HELD = { holdsLane: (): boolean => true };

function lane(number: number, rest: Partial<Omit<SourceState, "source">> = {}): SourceState {
  const source = {
    consumer: `q_k${number}`,
    queue: "q",
    priority: "normal",
    lane: number,
    pool: "p",
  } as const;
  return { source, request: { kind: "none" }, empty: false, unanswered: 0, refused: 0, ...rest };
}

function normal(rest: Partial<Omit<SourceState, "source">> = {}): SourceState {
  const source = { consumer: "q_n", queue: "q", priority: "normal", pool: "p" } as const;
  return { source, request: { kind: "none" }, empty: false, unanswered: 0, refused: 0, ...rest };
}

function lanes(count: number, rest: Partial<Omit<SourceState, "source">> = {}): SourceState[] {
  return Array.from({ length: count }, (_, number) => lane(number, rest));
}

/** Every request that is sent before one is answered. */
function ask(states: SourceState[], room: number): Exclude<PullStep, { action: "wait" }>[] {
  const steps: Exclude<PullStep, { action: "wait" }>[] = [];
  for (;;) {
    const step = nextStep(states, () => room);
    if (step.action === "wait") return steps;
    steps.push(step);
    if (step.action === "scan") step.state.request = { kind: "scan", remaining: step.wanted, deadline: 0 };
    else step.state.request = { kind: "poll", remaining: 1, deadline: 0 };
    rotate(states, step.state);
  }
}

const asked = (steps: readonly { readonly state: SourceState }[]): (number | undefined)[] =>
  steps.map(({ state }) => state.source.lane);

describe("lanes", () => {
  test("are all asked for long while there is room for all", () => {
    const steps = ask(lanes(8), 50);
    expect(asked(steps)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(steps.every((step) => step.action === "poll" && step.expiresMs === 2_000)).toBe(true);
  });

  test("are never scanned: a lane whose run is elsewhere would not answer", () => {
    expect(ask(lanes(3), 5).map(({ action }) => action)).toEqual(["poll", "poll", "poll"]);
  });

  test("are asked no more of than there is room, and one; briefly, and in turns", () => {
    const states = lanes(8);
    const first = ask(states, 1);
    expect(asked(first)).toEqual([0, 1]);
    expect(first[0]).toMatchObject({ expiresMs: 250 });
    for (const state of states) state.request = { kind: "none" };
    expect(asked(ask(states, 1))).toEqual([2, 3]);
    expect(ask(lanes(32), 1)[0]).toMatchObject({ expiresMs: 63 });
  });

  test("are not asked without room, nor while this worker holds their run", () => {
    expect(ask(lanes(3), 0)).toEqual([]);
    expect(asked(ask([lane(0, { held: HELD }), lane(1, { held: FREE })], 5))).toEqual([1]);
  });

  test("in which a run waits keep a slot each, briefly, and take turns with runs without a key", () => {
    const states = [lane(0, { hungry: true }), normal(), lane(1, { hungry: true })];
    const [first, second, ...rest] = ask(states, 2);
    expect(first).toMatchObject({ action: "poll", state: { source: { lane: 0 } }, expiresMs: 100 });
    expect(second).toMatchObject({ action: "scan", wanted: 1 });
    expect(rest).toEqual([]);
    for (const state of states) state.request = { kind: "none" };
    // What was served is behind the others now.
    expect(asked(ask(states, 1))).toEqual([1]);
  });

  test("in which nothing is known to wait keep none from others", () => {
    expect(ask([...lanes(2), normal()], 2).at(-1)).toMatchObject({ action: "scan", wanted: 2 });
  });

  test("of other slots do not count", () => {
    const other = lane(9, { hungry: true, request: { kind: "poll", remaining: 1, deadline: 0 } });
    const elsewhere = { ...other, source: { ...other.source, pool: "other" } };
    expect(asked(ask([elsewhere, lane(0)], 1))).toEqual([0]);
  });
});
