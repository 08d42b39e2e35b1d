import type { RunState } from "@umbel/protocol";

/** What is known about one run whose enqueue was acknowledged, from three sources. */
export interface RunFact {
  readonly id: string;
  readonly kind: string;
  /** What the store says. */
  readonly state: RunState;
  readonly attempt: number;
  /** How many outcomes the auditor heard of. */
  readonly outcomes: number;
  /** Whether the auditor heard of its dead letter. */
  readonly deadLettered: boolean;
}

/** What the facts about all runs come to. */
export interface Findings {
  readonly enqueued: number;
  readonly succeeded: number;
  /** Attempts beyond the first ones of their runs. */
  readonly retried: number;
  readonly deadLettered: number;
  /** Runs that were acknowledged and have neither an outcome nor, when they failed, a dead letter. */
  readonly lost: readonly string[];
  /** Second outcomes of a run, and outcomes of runs that nobody enqueued. */
  readonly extraOutcomes: number;
  /** Runs that ended otherwise than their kind does. */
  readonly surprising: readonly string[];
}

/** What `facts` come to; `heard` are the outcomes that were heard of all runs, by run. Pure. */
export function findingsOf(
  facts: readonly RunFact[],
  heard: readonly { readonly runId: string; readonly outcomes: number }[],
): Findings {
  const known = new Set(facts.map(({ id }) => id));
  const strangers = heard.filter(({ runId }) => !known.has(runId));
  return {
    enqueued: facts.length,
    succeeded: facts.filter(({ state }) => state === "succeeded").length,
    retried: sum(facts.map(({ attempt }) => Math.max(0, attempt - 1))),
    deadLettered: facts.filter(({ state, deadLettered }) => state === "failed" && deadLettered).length,
    lost: facts.filter(isLost).map(({ id }) => id),
    extraOutcomes:
      sum(facts.map(({ outcomes }) => Math.max(0, outcomes - 1))) +
      sum(strangers.map(({ outcomes }) => outcomes)),
    surprising: facts.filter(isSurprising).map(({ id }) => id),
  };
}

function isLost({ state, deadLettered }: RunFact): boolean {
  if (state === "failed") return !deadLettered;
  return state !== "succeeded" && state !== "cancelled" && state !== "expired";
}

function isSurprising({ kind, state, deadLettered }: RunFact): boolean {
  return kind === "poison" ? state !== "failed" || !deadLettered : state !== "succeeded";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
