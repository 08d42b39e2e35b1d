import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueFires, nextFire, nextFires, type RuleSpan } from "./rule.ts";

const every = (everyMs: number): RuleSpan => ({ rule: { kind: "every", everyMs } });
const cron = (expression: string): RuleSpan => ({
  rule: { kind: "cron", cron: expression, timeZone: "UTC", gap: "after", repeat: "first" },
});

describe("nextFire", () => {
  test("an interval fires first one interval after its anchor, and keeps its phase", () => {
    expect(nextFires(every(1_000), 500, { after: 500, count: 3 })).toEqual([1_500, 2_500, 3_500]);
    expect(nextFire(every(1_000), 500, 7_777)).toBe(8_500);
  });

  test("an interval with a start fires first at its start", () => {
    const span = { ...every(1_000), start: 10_000 };
    expect(nextFires(span, 500, { after: 600, count: 2 })).toEqual([10_000, 11_000]);
    expect(nextFire(span, 500, 10_000)).toBe(11_000);
  });

  test("a moment comes once", () => {
    const at: RuleSpan = { rule: { kind: "at", at: 5_000 } };
    expect(nextFire(at, 0, 4_999)).toBe(5_000);
    expect(nextFire(at, 0, 5_000)).toBeUndefined();
  });

  test("start and end are both within", () => {
    const span = { ...cron("* * * * * *"), start: 10_000, end: 12_000 };
    expect(nextFires(span, 0, { after: 0, count: 9 })).toEqual([10_000, 11_000, 12_000]);
  });
});

describe("dueFires", () => {
  test("gives the newest, and counts all", () => {
    const due = dueFires(every(1_000), 0, { after: 2_000, until: 9_999, limit: 2 });
    expect(due).toEqual({ newest: [8_000, 9_000], total: 7, counted: true });
  });

  test("of more than a thousand it finds the newest without counting them all", () => {
    const until = 365 * 86_400_000;
    const due = dueFires(cron("* * * * *"), 0, { after: 0, until, limit: 3 });
    expect(due).toEqual({
      newest: [until - 120_000, until - 60_000, until],
      total: 1_000,
      counted: false,
    });
  });

  test("the newest are the end of all, whatever the rule", () => {
    const rules = fc.constantFrom(every(1_000), every(61_000), cron("*/7 * * * *"), cron("0 3 * * *"));
    const span = fc.record({
      after: fc.nat(10_000_000),
      length: fc.nat(40_000_000),
      limit: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(rules, span, (rule, { after, length, limit }) => {
        const until = after + length;
        const { newest } = dueFires(rule, 0, { after, until, limit });
        const all: number[] = [];
        for (let at = nextFire(rule, 0, after); at !== undefined && at <= until; at = nextFire(rule, 0, at)) {
          all.push(at);
        }
        expect(newest).toEqual(all.slice(-limit));
      }),
      { numRuns: 60 },
    );
  });
});
