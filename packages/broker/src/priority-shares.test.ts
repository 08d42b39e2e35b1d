import { PRIORITIES, type Priority } from "@umbel/protocol";
import { describe, expect, test } from "vitest";
import { nextSharedStep, PriorityShares } from "./priority-shares.ts";
import type { PullRequest, SourceState } from "./pull-requests.ts";

const WEIGHTS = { high: 8, normal: 4, low: 1 };
const ALL: ReadonlySet<Priority> = new Set(PRIORITIES);

/** Serves `count` turns among `waiting`, and counts them. */
function serve(shares: PriorityShares, waiting: ReadonlySet<Priority>, count: number): number[] {
  const served: Priority[] = [];
  for (let turn = 0; turn < count; turn++) {
    const priority = shares.turn(waiting);
    if (priority === undefined) break;
    shares.charge(priority);
    served.push(priority);
  }
  return PRIORITIES.map((priority) => served.filter((other) => other === priority).length);
}

describe("turns", () => {
  test("are shared by weight while all have work", () => {
    expect(serve(new PriorityShares(WEIGHTS), ALL, 1_300)).toEqual([800, 400, 100]);
  });

  test("all go to those that have work", () => {
    const shares = new PriorityShares(WEIGHTS);
    expect(serve(shares, new Set(["low"]), 50)).toEqual([0, 0, 50]);
    const [, normal, low] = serve(shares, new Set(["normal", "low"]), 50);
    expect(normal).toBeGreaterThanOrEqual(40);
    expect(low).toBeGreaterThanOrEqual(9);
    expect(serve(shares, new Set(), 50)).toEqual([0, 0, 0]);
  });

  test("that were not used are not made up for", () => {
    const shares = new PriorityShares(WEIGHTS);
    serve(shares, new Set(["high"]), 1_000);
    const [high, normal, low] = serve(shares, ALL, 130);
    expect(high).toBeGreaterThanOrEqual(79);
    expect(normal).toBeGreaterThanOrEqual(39);
    expect(low).toBeGreaterThanOrEqual(9);
  });

  test("that were taken alone are not held against anyone", () => {
    const shares = new PriorityShares(WEIGHTS);
    serve(shares, new Set(["low"]), 1_000);
    const [high, normal, low] = serve(shares, ALL, 130);
    expect(high).toBeGreaterThanOrEqual(79);
    expect(normal).toBeGreaterThanOrEqual(39);
    expect(low).toBeGreaterThanOrEqual(9);
  });

  test("make up for what came in lots", () => {
    const shares = new PriorityShares(WEIGHTS);
    expect(shares.turn(ALL)).toBe("high");
    for (let run = 0; run < 16; run++) shares.charge("high");
    expect(serve(shares, ALL, 10)).toEqual([0, 8, 2]);
    expect(serve(shares, ALL, 130)).toEqual([80, 40, 10]);
  });

  test("begin with the most urgent", () => {
    expect(new PriorityShares({ high: 1, normal: 1, low: 1 }).turn(ALL)).toBe("high");
  });
});

const NONE: PullRequest = { kind: "none" };

function state(priority: Priority, rest: Partial<Omit<SourceState, "source">> = {}): SourceState {
  const source = { consumer: `q_${priority}`, queue: "q", priority };
  return { source, request: NONE, empty: false, unanswered: 0, refused: 0, ...rest };
}

describe("the next request", () => {
  const thirteen = (): number => 13;

  test("scans whose turn it is, for its part of what is wanted", () => {
    const shares = new PriorityShares(WEIGHTS);
    const states = PRIORITIES.map((priority) => state(priority));
    expect(nextSharedStep(states, thirteen, shares)).toEqual({ action: "scan", state: states[0], wanted: 8 });
    shares.charge("high");
    expect(nextSharedStep(states, thirteen, shares)).toEqual({ action: "scan", state: states[1], wanted: 4 });
    shares.charge("normal");
    expect(nextSharedStep(states, thirteen, shares)).toEqual({ action: "scan", state: states[2], wanted: 1 });
  });

  test("asks for one at least, and for all when nobody else has work", () => {
    const shares = new PriorityShares(WEIGHTS);
    const [high, low] = [
      state("high", { request: { kind: "poll", remaining: 1, deadline: 1 } }),
      state("low"),
    ];
    expect(nextSharedStep([high, low], thirteen, shares)).toEqual({ action: "scan", state: low, wanted: 13 });
    const busy = [state("high"), state("low")];
    shares.charge("high");
    expect(nextSharedStep(busy, () => 1, shares)).toMatchObject({ action: "scan", wanted: 1 });
  });

  test("polls all that is empty before it scans: what comes there is not missed", () => {
    const shares = new PriorityShares(WEIGHTS);
    const [high, low] = [state("high"), state("low", { empty: true })];
    expect(nextSharedStep([high, low], thirteen, shares)).toEqual({
      action: "poll",
      state: low,
      wanted: 1,
      expiresMs: 2_000,
    });
    low.request = { kind: "poll", remaining: 1, deadline: 1 };
    expect(nextSharedStep([high, low], thirteen, shares)).toMatchObject({ action: "scan", state: high });
  });

  test("is none while a scan is under way, or nothing is wanted", () => {
    const shares = new PriorityShares(WEIGHTS);
    const scan: PullRequest = { kind: "scan", remaining: 1, deadline: 1 };
    expect(nextSharedStep([state("high"), state("low", { request: scan })], thirteen, shares)).toEqual({
      action: "wait",
    });
    expect(nextSharedStep([state("high")], () => 0, shares)).toEqual({ action: "wait" });
  });
});
