import type { NamedSchedule, ScheduleWrite } from "@umbel/broker";
import type { Firing, FiringState, ScheduleRecord } from "@umbel/protocol";
import { silentLogger } from "@umbel/runtime";
import { expect, test } from "vitest";
import { ScheduleKeeper } from "./schedule-keeper.ts";

const NOW = 1_000_000;

function schedule(id: string, changes: Partial<ScheduleRecord> = {}): NamedSchedule {
  const run = { task: "t", queue: "q", priority: "normal", input: new Uint8Array() } as const;
  const record: ScheduleRecord = {
    version: 1,
    definition: {
      rule: { kind: "every", everyMs: 1_000 },
      run,
      catchUp: "latest",
      catchUpLimit: 1,
      overlap: "allow",
    },
    createdAt: 0,
    changedAt: 0,
    cursor: 0,
    fired: 0,
    missedCount: 0,
    pending: [],
    runs: [],
    missed: [],
    ...changes,
  };
  return { id, sequence: 7, record };
}

function firing(runId: string, at = NOW): Firing {
  return { runId, kind: "on-time", fireAt: at, at };
}

interface Looked {
  readonly expanded: readonly string[];
  readonly written: readonly (readonly [id: string, record: ScheduleRecord, expected: number])[];
}

async function look(
  all: readonly NamedSchedule[],
  { ticks = [], ended = {} }: { ticks?: readonly string[]; ended?: Readonly<Record<string, FiringState>> },
): Promise<Looked> {
  const expanded: string[] = [];
  const written: [string, ScheduleRecord, number][] = [];
  const won: ScheduleWrite = { won: true, sequence: 8 };
  const keeper = new ScheduleKeeper({
    schedules: {
      list: () => Promise.resolve(all),
      write: (...args) => {
        written.push(args);
        return Promise.resolve(won);
      },
    },
    ticked: (ids) => Promise.resolve(new Set(ids.filter((id) => ticks.includes(id)))),
    ended: (runIds) =>
      Promise.resolve(new Map(Object.entries(ended).filter(([runId]) => runIds.includes(runId)))),
    expander: {
      expand: (id) => {
        expanded.push(id);
        return Promise.resolve();
      },
    },
    logger: silentLogger,
    workerId: "w",
    now: () => NOW,
  });
  await keeper.look();
  return { expanded, written };
}

test("a schedule without a tick is looked after, unless it is paused or has ended", async () => {
  const paused = schedule("paused", { paused: { at: 0 } });
  const used = schedule("used", { definition: { ...schedule("x").record.definition, maxRuns: 1 }, fired: 1 });
  const all = [schedule("lost"), schedule("armed"), paused, used];
  expect(await look(all, { ticks: ["armed"] })).toEqual({ expanded: ["lost"], written: [] });
});

test("runs that were decided on long ago are made, those of a moment ago are somebody's", async () => {
  const all = [
    schedule("old", { pending: [firing("a", NOW - 15_001)] }),
    schedule("new", { pending: [firing("b", NOW - 15_000)] }),
    schedule("paused", { pending: [firing("c", 0)], paused: { at: 0 } }),
  ];
  expect((await look(all, { ticks: ["old", "new"] })).expanded).toEqual(["old", "paused"]);
});

test("how runs ended is written down once, over what was read", async () => {
  const known: Firing = { ...firing("a"), state: "failed" };
  const all = [
    schedule("s", { runs: [known, firing("b"), firing("c")] }),
    schedule("t", { runs: [firing("d")] }),
  ];
  const { written } = await look(all, { ticks: ["s", "t"], ended: { a: "succeeded", b: "cancelled" } });
  expect(written).toMatchObject([
    ["s", { version: 1, runs: [known, { runId: "b", state: "cancelled" }, { runId: "c" }] }, 7],
  ]);
  expect(written[0]?.[1].runs[2]).not.toHaveProperty("state");
});
