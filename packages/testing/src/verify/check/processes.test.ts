import { expect, test } from "vitest";
import { checkDrains } from "./processes.ts";
import { tellStory } from "./story.ts";
import type { Violation } from "./violation.ts";

const END = { records: new Map(), schedules: new Map(), deadLetters: [], notices: [], leftMessages: 0 };
const LIMITS = { ackWaitMs: 3_000, backoffMs: 100, debounceMs: 1_000, firings: 1, clockMs: 1 };

function drains(
  kind: string,
  [beginsAt, endsAt]: readonly [number, number],
  afterMs = 4_000,
): readonly Violation[] {
  const fault = { what: "fault", id: 7, kind, detail: "" } as const;
  const entries = [
    { ...fault, phase: "begins", at: beginsAt },
    { ...fault, phase: "ends", at: endsAt },
    { what: "drained", pid: 1, afterMs, graceMs: 5_000, code: 1, at: 10_000 },
  ] as const;
  return checkDrains(tellStory({ operations: [], entries, end: END, limits: LIMITS }));
}

test("a worker that is kept from the broker while it drains may say that it left runs", () => {
  expect(drains("server-kill", [8_000, 12_000])).toEqual([]);
  expect(drains("partition", [1_000, 6_000])).toEqual([]);
});

const BROKEN: readonly (readonly [string, Parameters<typeof drains>])[] = [
  ["has had the broker back", ["server-kill", [1_000, 5_999]]],
  ["lost it afterwards", ["server-kill", [10_001, 12_000]]],
  ["only saw another worker die", ["worker-kill", [8_000, 12_000]]],
  ["took longer than its grace", ["server-kill", [8_000, 12_000], 5_001]],
];

test.each(BROKEN)("a worker that %s may not", (_, facts) => {
  expect(drains(...facts)).toMatchObject([{ promise: "drains within grace" }]);
});
