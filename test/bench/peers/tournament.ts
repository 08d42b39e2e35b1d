import { loadavg } from "node:os";
import type { Figures } from "../scenario.ts";
import type { Contender } from "./contenders/contender.ts";
import { runsOf, type Match } from "./matches/match.ts";
import { chosenOf } from "./peer-options.ts";
import type { MatchResult, Results } from "./results.ts";

/** How a tournament is held. */
export interface TournamentOptions {
  readonly only: readonly string[];
  readonly n: number | undefined;
  readonly rounds: number | undefined;
  /** Two rounds fewer of everything, but one at least. */
  readonly quick: boolean;
  /** No measurement begins once this returns true. */
  readonly isOver: () => boolean;
  contenderNamed(name: string): Contender;
  onMeasured(match: Match, contender: Contender, figures: Figures): void;
  onFailed(line: string): void;
}

type Growing = Pick<Results, "matches" | "missing" | "failures">;

/**
 * Measure every contender of every match in turns: a round of all matches, then the next. The speed of a machine
 * drifts over minutes, so those who are compared are neighbours, and each match is spread over the whole time.
 *
 * @param results what there is already; it grows.
 */
export async function holdTournament(
  matches: readonly Match[],
  results: Growing,
  options: TournamentOptions,
): Promise<void> {
  const most = Math.max(0, ...matches.map(({ rounds }) => roundsOf(rounds, options)));
  for (let round = 1; round <= most; round++) {
    for (const match of matches) {
      if (options.isOver()) return;
      if (round <= roundsOf(match.rounds, options)) await playRound(match, results, { ...options, round });
    }
  }
}

const QUICK_LESS = 2;

function roundsOf(most: number, { rounds, quick }: TournamentOptions): number {
  return rounds ?? (quick ? Math.max(1, most - QUICK_LESS) : most);
}

type RoundOptions = TournamentOptions & { readonly round: number };

async function playRound(match: Match, results: Growing, options: RoundOptions): Promise<void> {
  const contenders = await presentOf(match, results, options);
  const measured = new Map<string, Figures>();
  const load = loadavg()[0] ?? 0;
  for (const contender of contenders) {
    const n = options.n ?? runsOf(match, contender.system);
    try {
      const figures = await match.measure(contender, { n, round: options.round });
      measured.set(contender.name, figures);
      options.onMeasured(match, contender, figures);
    } catch (error) {
      const line = `${match.name}, ${contender.name}: ${error instanceof Error ? error.message : String(error)}`;
      results.failures.push(line);
      options.onFailed(line);
    }
  }
  const result = resultOf(match, results);
  addRound(result, { match, contenders, measured, n: options.n });
  result.load.push(load);
}

/** Who takes part in this round: ours, and those of the others who shall and can. */
async function presentOf(
  { contenders }: Match,
  { missing }: Growing,
  options: RoundOptions,
): Promise<readonly Contender[]> {
  const [ours, ...others] = contenders.map(options.contenderNamed);
  const present: Contender[] = [];
  for (const contender of [...(ours === undefined ? [] : [ours]), ...chosenOf(others, options.only)]) {
    if (options.round > roundsOf(contender.mostRounds ?? Infinity, options)) continue;
    const why = await contender.missing();
    if (why === undefined) present.push(contender);
    else missing[contender.name] = why;
  }
  return present;
}

function resultOf({ name, about, figures }: Match, { matches }: Growing): MatchResult {
  const found = matches.find((one) => one.name === name);
  if (found !== undefined) return found;
  const fresh: MatchResult = { name, about, figures: [...figures], contenders: [], load: [] };
  matches.push(fresh);
  return fresh;
}

interface Round {
  readonly match: Match;
  readonly contenders: readonly Contender[];
  readonly measured: ReadonlyMap<string, Figures>;
  readonly n: number | undefined;
}

/** Everyone has as many rounds as there were, measured or not: so ratios compare those of one round. */
function addRound(result: MatchResult, { match, contenders, measured, n }: Round): void {
  const before = result.load.length;
  for (const contender of contenders) {
    if (result.contenders.some(({ name }) => name === contender.name)) continue;
    const { name, title, durability, caveat, system } = contender;
    const rounds = Array.from({ length: before }, () => null);
    result.contenders.push({ name, title, ...durability, caveat, n: n ?? runsOf(match, system), rounds });
  }
  for (const { name, rounds } of result.contenders) rounds.push(measured.get(name) ?? null);
}
