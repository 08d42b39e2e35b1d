import type { Match } from "../matches/match.ts";
import type { ContenderResult, MatchResult, Results } from "../results.ts";
import { figureSpread, ratioSpread, type Spread } from "./spread.ts";

/** What a comparison should come to. */
export interface Target {
  readonly match: string;
  readonly figure: string;
  /** The other contender, by name; `undefined`: the figure itself is meant. */
  readonly against: string | undefined;
  /** Ours, if it is not the first of the match. */
  readonly ours?: string;
  readonly least?: number;
  readonly most?: number;
}

/** What came of a target, by the median of its rounds. */
export type Verdict = "held" | "missed" | "not measured";

/** A target, and what came of it. */
export interface JudgedTarget {
  readonly target: Target;
  readonly spread: Spread | undefined;
  readonly verdict: Verdict;
}

const BULLMQ = "bullmq everysec";
const RAW = "raw 1s";
const CELERY = "celery everysec";

/** What was set out for. */
export const TARGETS: readonly Target[] = [
  ...rates("enqueue", { [BULLMQ]: 1.4, [RAW]: 0.8, [CELERY]: 25 }),
  ...rates("enqueue-awaited", { [BULLMQ]: 1.2, [RAW]: 0.9, [CELERY]: 3 }),
  ...rates("enqueue-many", { [BULLMQ]: 1.6, [RAW]: 0.85, [CELERY]: 30 }),
  ...rates("drain-1", { [BULLMQ]: 5, [RAW]: 0.8, [CELERY]: 20 }),
  ...rates("drain-10", { [BULLMQ]: 2, [RAW]: 0.8, [CELERY]: 20 }),
  ...rates("drain-100", { [BULLMQ]: 1.8, [RAW]: 0.8, [CELERY]: 20 }),
  ...latencies("roundtrip", "p50Ms", { [BULLMQ]: 0.7, [RAW]: 1.25, [CELERY]: 0.35 }),
  ...latencies("roundtrip", "p99Ms", { [BULLMQ]: 0.5, [RAW]: 1.4 }),
  ...rates("saturated", { [BULLMQ]: 3, [RAW]: 0.8, [CELERY]: 15 }),
  ...latencies("open-loop", "p99Ms", { [BULLMQ]: 0.2 }),
  { match: "delayed", figure: "p99Ms", against: undefined, most: 5 },
  { match: "delayed", figure: "early", against: undefined, most: 0 },
  ...latencies("delayed", "p99Ms", { [CELERY]: 2 }),
  ...rates("always-enqueue-many", { "bullmq always": 1.5 }),
  ...rates("graphile drain", {
    "graphile-worker async-commit local-queue": 1,
    "graphile-worker local-queue": 1,
  }),
  { match: "backlog", figure: "enqueueShare", against: undefined, least: 0.9 },
  { match: "backlog", figure: "drainShare", against: undefined, least: 0.9 },
  { match: "backlog", figure: "bytesPerRun", against: undefined, most: 350 },
  { match: "cpu", figure: "seconds", against: "raw 1s", most: 1 / 0.9 },
  { match: "cpu", figure: "loopDelayP99Ms", against: undefined, most: 5 },
  ...rates("telemetry", { "umbel 1s": 0.7 }),
];

/** Judge every target of the matches that were measured. Pure. */
export function judgeTargets(
  results: Pick<Results, "matches">,
  targets: readonly Target[] = TARGETS,
): readonly JudgedTarget[] {
  return targets.flatMap((target) => {
    const match = results.matches.find(({ name }) => name === target.match);
    return match === undefined ? [] : [judge(target, match)];
  });
}

/** Of `matches` those that a target speaks of, with those of their contenders that one speaks of. Pure. */
export function withTargets(
  matches: readonly Match[],
  targets: readonly Target[] = TARGETS,
): readonly Match[] {
  return matches.flatMap((match) => {
    const own = targets.filter((target) => target.match === match.name);
    const [ours, ...others] = match.contenders;
    const named = others.filter((name) => own.some(({ against }) => against === name));
    return own.length === 0 ? [] : [{ ...match, contenders: [ours, ...named] as const }];
  });
}

/** In words: `"≥ 1.4"`. Pure. */
export function describeTarget({ least, most }: Target): string {
  return least === undefined ? `≤ ${Number((most ?? NaN).toPrecision(3))}` : `≥ ${least}`;
}

function judge(target: Target, match: MatchResult): JudgedTarget {
  const spread = spreadFor(target, match);
  const { least = -Infinity, most = Infinity } = target;
  if (spread === undefined) return { target, spread, verdict: "not measured" };
  return { target, spread, verdict: spread.median >= least && spread.median <= most ? "held" : "missed" };
}

function spreadFor(
  { figure, against, ours: oursName }: Target,
  { contenders }: MatchResult,
): Spread | undefined {
  const named = (name: string): ContenderResult | undefined => contenders.find((one) => one.name === name);
  const ours = oursName === undefined ? contenders[0] : named(oursName);
  if (ours === undefined) return undefined;
  if (against === undefined) return figureSpread(ours, figure);
  const theirs = named(against);
  return theirs === undefined ? undefined : ratioSpread(ours, theirs, figure);
}

function rates(match: string, least: Readonly<Record<string, number>>): readonly Target[] {
  return Object.entries(least).map(([against, ratio]) => ({ match, figure: "rate", against, least: ratio }));
}

function latencies(match: string, figure: string, most: Readonly<Record<string, number>>): readonly Target[] {
  return Object.entries(most).map(([against, ratio]) => ({ match, figure, against, most: ratio }));
}
