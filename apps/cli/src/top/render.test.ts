import { describe, expect, test } from "vitest";
import { facts, queue, worker } from "./test-data/samples.ts";
import { createPaint } from "../output/colour.ts";
import { allot } from "./allot.ts";
import { START, type Controls } from "./controls.ts";
import { changedLines } from "./full-screen.ts";
import { ratesOf, sample } from "./rates.ts";
import { render, type TopState } from "./render.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const paint = createPaint(false);

const MESH = facts({
  at: NOW - 1_000,
  queues: [
    queue("mail", { waiting: 40, running: 2, outPerSecond: 12.4, inPerSecond: 0.25 }),
    queue("media", { waiting: 3, paused: { at: NOW - 4_000, by: "ada" } }),
  ],
  workers: [
    worker("alpha", {
      held: 2,
      runs: [{ runId: "r1", task: "mail.send", queue: "mail", attempt: 2, startedAt: NOW - 9_000 }],
    }),
    worker("beta", { state: "silent", ageMs: 12_000, queues: ["media"] }),
  ],
  dead: {
    count: 7,
    latest: [
      { runId: "d1", task: "mail.send", queue: "mail", at: NOW - 60_000, why: "Error: no\u001B[2Jway\nout" },
    ],
  },
});

function state(fields: Partial<TopState> = {}, controls: Partial<Controls> = {}): TopState {
  const target = { mesh: "shop", servers: "nats://127.0.0.1:4222", serverVersion: "2.15.1" };
  const rest = {
    target,
    connection: { kind: "connected" } as const,
    facts: MESH,
    problem: undefined,
    now: NOW,
  };
  return { ...rest, controls: { ...START, ...controls }, ...fields };
}

function screen(what: TopState, columns = 120, rows = 24): string {
  return render(what, { columns, rows, paint }).join("\n");
}

describe("the screen", () => {
  test("shows queues, workers, runs and dead letters", () => {
    const text = screen(state());
    expect(text).toMatch(
      /^umbel top {2}shop at nats:\/\/127.0.0.1:4222 {2}nats-server 2.15.1 .*\d\d:00:00\n/,
    );
    expect(text).toContain(
      "2 queues   43 waiting   2 held   12/s done   1 worker and 1 silent   7 dead letters",
    );
    expect(text).toMatch(/QUEUE +WAITING +HELD +DELAYED +RETRYING +IN\/S +OUT\/S +STATE/);
    expect(text).toMatch(/mail +40 +2 +0 +0 +0\.3 +12 +open/);
    expect(text).toMatch(/media +3 +0 +0 +0 +0 +0 +paused 4 s ago, by ada/);
    expect(text).toMatch(/alpha +running +0\/50 +0\/2 +2 /);
    expect(text).toMatch(/beta +silent 12 s /);
    expect(text).toMatch(/r1 +mail\.send +mail +2 +9 s +alpha/);
    expect(text).toMatch(/d1 +mail\.send +mail +1 min 0 s ago +Error: no\\x1b\[2Jway out/);
  });

  test("shows what the filter lets through, sorted as wanted", () => {
    const filtered = screen(state({}, { filter: "MEDIA" }));
    expect(filtered).toContain("beta");
    expect(filtered).not.toMatch(/alpha|mail +40|r1|d1/);
    const sorted = screen(
      state({ facts: facts({ queues: [queue("a"), queue("b", { waiting: 1 })] }) }, { sort: "waiting" }),
    );
    expect(sorted).toMatch(/b +1[\s\S]*a +0/);
  });

  test.each([
    [40, 8],
    [41, 9],
    [79, 12],
    [200, 60],
    [20, 3],
    [1, 1],
  ])("fits %i columns and %i rows", (columns, rows) => {
    for (const controls of [{}, { mode: { kind: "helping" } as const }, { filter: "x".repeat(99) }])
      expect(render(state({}, controls), { columns, rows, paint })).toHaveLength(rows);
    for (const line of render(state(), { columns, rows, paint }))
      expect(line.length).toBeLessThanOrEqual(columns);
  });

  test("keeps the chosen queue in sight, and says that there are more", () => {
    const queues = Array.from({ length: 50 }, (_, index) => queue(`q${String(index).padStart(2, "0")}`));
    const many = state({ facts: facts({ queues }) }, { selected: "q30" });
    expect(screen(many)).toMatch(/> {2}q30/);
    expect(screen(many)).toContain("QUEUE (19 more)");
    expect(screen(many)).not.toContain("q31");
  });

  test("says that the connection is lost, or why nothing is seen", () => {
    const connection = { kind: "lost", since: NOW - 5_000 } as const;
    expect(screen(state({ connection }))).toContain("connection lost 5 s ago, trying again: this is 1 s old");
    expect(screen(state({ problem: "may not look" }))).toContain("may not look (this is 1 s old)");
    expect(screen(state({ facts: undefined }))).toContain("looking …");
  });
});

test("rows are shared out one by one", () => {
  expect(allot(10, [20, 1, 3])).toEqual([6, 1, 3]);
  expect(allot(2, [5, 5, 5])).toEqual([1, 1, 0]);
  expect(allot(10, [1, 1])).toEqual([1, 1]);
  expect(allot(-1, [1])).toEqual([0]);
});

test("only the lines that differ are written", () => {
  expect(changedLines(["a", "b"], ["a", "c"], 9)).toBe("\u001B[2;1Hc\u001B[K");
  expect(changedLines(["a"], ["a"], 9)).toBe("");
  expect(changedLines([], ["abc"], 3)).toBe("\u001B[1;1Habc");
});

test("rates are what came and what went between two looks", () => {
  const consumer = { name: "a_n", queue: "a", priority: "normal", lane: undefined, problems: [] } as const;
  const rest = { ...consumer, maxInProgress: 0, pulls: 0, paused: false };
  const before = sample([{ ...rest, waiting: 10, deliveries: 100, inProgress: 5 }], 0);
  const now = sample([{ ...rest, waiting: 4, deliveries: 120, inProgress: 3 }], 2_000);
  expect(ratesOf("a", before, now)).toEqual({ inPerSecond: 7, outPerSecond: 11 });
  expect(ratesOf("b", before, now)).toBe(undefined);
  expect(ratesOf("a", now, now)).toBe(undefined);
});
