import { expect } from "vitest";
import type { EndRecord, EndState, HistoryEntry } from "../history/entries.ts";
import type { Operation, OperationKind } from "../plan/plan-operations.ts";
import { checkStory } from "./check-story.ts";
import { tellStory, type Story } from "./story.ts";
import type { PROMISES } from "./violation.ts";

export const operation = (n: number, kind: OperationKind, rest: Partial<Operation> = {}): Operation => ({
  n,
  at: 0,
  producer: 0,
  kind,
  workMs: 0,
  priority: "normal",
  failures: 0,
  delayMs: 0,
  key: "",
  cancelAfterMs: 0,
  children: 0,
  ...rest,
});

export const asked = (n: number, at: number): HistoryEntry => ({ what: "asked", n, at });
export const acked = (n: number, at: number, existed = false): HistoryEntry => ({
  what: "acked",
  n,
  runId: `r${n}`,
  existed,
  at,
});

type Handled = "started" | "ended" | "failed" | "aborted";
interface Fields {
  readonly pid?: number;
  readonly attempt?: number;
  readonly fence?: number;
}

export function handled(what: Handled, n: number, rest: Fields & { readonly at: number }): HistoryEntry {
  const { pid = 1, attempt = 1, fence = 0, at } = rest;
  return { what, n, runId: `r${n}`, attempt, delivery: 1, start: 1, fence, pid, at };
}

export const executed = (
  n: number,
  [from, to]: readonly [number, number],
  rest: Fields = {},
): HistoryEntry[] => [handled("started", n, { ...rest, at: from }), handled("ended", n, { ...rest, at: to })];

export const succeeded = (value: unknown, attempt = 1): EndRecord => ({ state: "succeeded", attempt, value });

/** A history, and what is there at its end. */
export interface Scene {
  readonly operations?: readonly Operation[];
  readonly entries: readonly HistoryEntry[];
  readonly records?: Readonly<Record<string, EndRecord>>;
  readonly end?: Partial<EndState>;
}

const NOTHING: EndState = {
  records: new Map(),
  schedules: new Map(),
  deadLetters: [],
  notices: [],
  leftMessages: 0,
};

export function story({ operations = [], entries, records = {}, end = {} }: Scene): Story {
  return tellStory({
    operations,
    entries: entries.toSorted((one, other) => one.at - other.at),
    end: { ...NOTHING, records: new Map(Object.entries(records)), ...end },
    limits: { ackWaitMs: 3_000, backoffMs: 300, debounceMs: 1_000, firings: 2, clockMs: 0 },
  });
}

/** The promises that a history breaks. */
export const broken = (scene: Scene): readonly string[] =>
  checkStory(story(scene)).map(({ promise }) => promise);

/** Those that were shown broken. */
export const seen: Set<string> = new Set();
export function expectBroken(promise: (typeof PROMISES)[number], scene: Scene): void {
  seen.add(promise);
  expect(broken(scene)).toEqual([promise]);
}

/** Promises about single features, which have a test file of their own. */
export const OF_FEATURES: readonly (typeof PROMISES)[number][] = [
  "the last of the debounced",
  "redriven once",
  "one run for each firing",
];
