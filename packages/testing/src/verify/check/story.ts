import type {
  ChildEntry,
  ConductorEntry,
  EndState,
  HandlerEntry,
  HistoryEntry,
  ProducerEntry,
} from "../history/entries.ts";
import type { Operation } from "../plan/plan-operations.ts";

/** One time that a handler was begun. */
export interface Execution {
  readonly runId: string;
  readonly n: number;
  readonly pid: number;
  readonly attempt: number;
  readonly fence: number;
  readonly startedAt: number;
  /** When it ended, or its process did; infinity when nobody knows. */
  readonly endedAt: number;
  readonly how: "ended" | "failed" | "aborted" | "lost";
}

/** An acknowledged enqueue. */
export interface Acked {
  readonly n: number;
  readonly runId: string;
  readonly existed: boolean;
  readonly askedAt: number;
  readonly at: number;
}

/** A redrive that was answered. */
export type Redriven = Extract<ProducerEntry, { what: "redriven" }>;

/** A schedule that was put. */
export type Scheduled = Extract<ProducerEntry, { what: "scheduled" }>;

/** A cancel that was answered. */
export type Cancelled = Extract<ProducerEntry, { what: "cancelled" }>;

/** What checks go by: the history, put in order. */
export interface Story {
  readonly operations: ReadonlyMap<number, Operation>;
  readonly acked: readonly Acked[];
  readonly cancels: readonly Cancelled[];
  readonly redriven: readonly Redriven[];
  /** Dead runs whose redrive was begun, answered or not. */
  readonly redriving: ReadonlySet<string>;
  readonly scheduled: readonly Scheduled[];
  readonly children: readonly ChildEntry[];
  /** In the order of their starts. */
  readonly executions: ReadonlyMap<string, readonly Execution[]>;
  readonly conductor: readonly ConductorEntry[];
  readonly end: EndState;
  readonly limits: StoryLimits;
}

/** Times that promises are measured by, in milliseconds. */
export interface StoryLimits {
  readonly ackWaitMs: number;
  readonly backoffMs: number;
  readonly debounceMs: number;
  /** How often each schedule fires. */
  readonly firings: number;
  /** How far the clocks of this machine and of the servers may be apart. */
  readonly clockMs: number;
}

/** What {@link tellStory} puts together. */
export interface StoryParts {
  readonly operations: readonly Operation[];
  readonly entries: readonly HistoryEntry[];
  readonly end: EndState;
  readonly limits: StoryLimits;
}

/** Put a history in order. Pure. */
export function tellStory({ operations, entries, end, limits }: StoryParts): Story {
  const deaths = new Map<number, number>();
  for (const entry of entries) if (entry.what === "killed") deaths.set(entry.pid, entry.at);
  return {
    operations: new Map(operations.map((operation) => [operation.n, operation])),
    acked: acksOf(entries),
    cancels: entries.filter((entry) => entry.what === "cancelled"),
    redriven: entries.filter((entry) => entry.what === "redriven"),
    redriving: new Set(entries.flatMap((entry) => (entry.what === "redriving" ? [entry.redriveOf] : []))),
    scheduled: entries.filter((entry) => entry.what === "scheduled"),
    children: entries.filter((entry) => entry.what === "child"),
    executions: executionsOf(entries.filter(isHandlerEntry), deaths),
    conductor: entries.filter(isConductorEntry),
    end,
    limits,
  };
}

function acksOf(entries: readonly HistoryEntry[]): readonly Acked[] {
  const asked = new Map<number, number>();
  const acked: Acked[] = [];
  for (const entry of entries) {
    // What is asked for again is due since it was asked for first.
    if (entry.what === "asked" && !asked.has(entry.n)) asked.set(entry.n, entry.at);
    if (entry.what !== "acked") continue;
    const { n, runId, existed, at } = entry;
    acked.push({ n, runId, existed, at, askedAt: asked.get(n) ?? at });
  }
  return acked;
}

function executionsOf(
  entries: readonly HandlerEntry[],
  deaths: ReadonlyMap<number, number>,
): ReadonlyMap<string, readonly Execution[]> {
  const ends = new Map<string, HandlerEntry>();
  for (const entry of entries) if (entry.what !== "started") ends.set(identity(entry), entry);
  const found = new Map<string, Execution[]>();
  for (const entry of entries) {
    if (entry.what !== "started") continue;
    const execution = executionOf(entry, ends.get(identity(entry)), deaths.get(entry.pid));
    found.set(entry.runId, [...(found.get(entry.runId) ?? []), execution]);
  }
  return found;
}

function executionOf(
  { runId, n, pid, attempt, fence, at }: HandlerEntry,
  end: HandlerEntry | undefined,
  diedAt: number | undefined,
): Execution {
  const known = { runId, n, pid, attempt, fence, startedAt: at };
  if (end !== undefined && end.what !== "started") return { ...known, endedAt: end.at, how: end.what };
  return { ...known, endedAt: diedAt ?? Number.POSITIVE_INFINITY, how: "lost" };
}

function identity({ runId, pid, attempt, start, delivery }: HandlerEntry): string {
  return [runId, pid, attempt, start, delivery].join("/");
}

const HANDLER_WORDS: ReadonlySet<string> = new Set(["started", "ended", "failed", "aborted"]);
const CONDUCTOR_WORDS: ReadonlySet<string> = new Set([
  "fault",
  "recovered",
  "not-recovered",
  "drained",
  "killed",
]);

function isHandlerEntry(entry: HistoryEntry): entry is HandlerEntry {
  return HANDLER_WORDS.has(entry.what);
}

function isConductorEntry(entry: HistoryEntry): entry is ConductorEntry {
  return CONDUCTOR_WORDS.has(entry.what);
}
