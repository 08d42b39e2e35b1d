import type { Measured } from "../run-scenario.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { Environment } from "./environment.ts";
import { ratiosOf, type Summary } from "./summary.ts";

/** Everything about a scenario as one line of JSON, for programs. */
export function formatJsonLine(
  scenario: Scenario,
  { n, rounds, profileDir }: Measured,
  { summary, environment }: { readonly summary: Summary; readonly environment: Environment },
): string {
  const { ours, raw, ratios, gates, holds } = summary;
  return JSON.stringify({
    scenario: scenario.name,
    ...shorten(ours),
    raw: raw === undefined ? null : shorten(raw),
    ratio: ratios[scenario.main] === undefined ? null : toDigits(ratios[scenario.main]),
    ratios: shorten(ratios),
    gates: gates.map(({ gate, value, holds: passes }) => ({ gate, value: toDigits(value), holds: passes })),
    holds,
    ...environment,
    n,
    rounds: rounds.map((round) => ({
      ours: shorten(round.ours ?? {}),
      raw: round.raw === undefined ? null : shorten(round.raw),
      ratio: toDigits(ratiosOf(round)[0]?.[scenario.main]),
    })),
    ...(profileDir === undefined ? {} : { profileDir }),
  });
}

const DIGITS = 4;

function shorten(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, toDigits(value) ?? NaN]));
}

// Whole numbers stay whole: a rate of 45123 is not 45120.
function toDigits(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Math.abs(value) >= 10 ** (DIGITS - 1) ? Math.round(value) : Number(value.toPrecision(DIGITS));
}
