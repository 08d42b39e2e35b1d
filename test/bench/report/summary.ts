import { median } from "../measure/statistics.ts";
import type { Round } from "../run-scenario.ts";
import type { Figures, Gate, Scenario, Side } from "../scenario.ts";

/** A gate, and whether what was measured passes it. */
export interface GateResult {
  /** `"ratio of rate >= 0.65"` */
  readonly gate: string;
  readonly value: number;
  readonly holds: boolean;
}

/** What the rounds of a scenario come to. */
export interface Summary {
  /** Medians. */
  readonly ours: Figures;
  /** Medians; `undefined` when there is nothing to compare with. */
  readonly raw: Figures | undefined;
  /** Ours to raw: the median of each round's own ratio, by figure. */
  readonly ratios: Figures;
  readonly gates: readonly GateResult[];
  readonly holds: boolean;
}

/** Pure. @throws Error when no round was measured, or a gate speaks of a figure that was not */
export function summarize(scenario: Pick<Scenario, "gates">, rounds: readonly Round[]): Summary {
  const ours = medians(figuresOf(rounds, "ours"));
  const raw = figuresOf(rounds, "raw");
  const ratios = medians(rounds.flatMap(ratiosOf));
  const gates = scenario.gates.map((gate) => judge(gate, gate.of === "ratio" ? ratios : ours));
  return {
    ours,
    raw: raw.length === 0 ? undefined : medians(raw),
    ratios,
    gates,
    holds: gates.every(({ holds }) => holds),
  };
}

/** Ours to raw in one round, by figure; none when one of them was not measured. */
export function ratiosOf({ ours, raw }: Round): readonly Figures[] {
  if (ours === undefined || raw === undefined) return [];
  const entries = Object.entries(ours).flatMap(([name, value]) => {
    const base = raw[name];
    return base === undefined ? [] : [[name, value / base] as const];
  });
  return [Object.fromEntries(entries)];
}

function figuresOf(rounds: readonly Round[], side: Side): readonly Figures[] {
  return rounds.map((round) => round[side]).filter((figures) => figures !== undefined);
}

function medians(all: readonly Figures[]): Figures {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(all.map((figures) => figures[name] ?? NaN))]));
}

function judge({ figure, of, least = -Infinity, most = Infinity }: Gate, figures: Figures): GateResult {
  const value = figures[figure];
  if (value === undefined) throw new Error(`a gate speaks of ${of} of ${figure}, which was not measured`);
  const limits = [
    ...(least === -Infinity ? [] : [`>= ${least}`]),
    ...(most === Infinity ? [] : [`<= ${most}`]),
  ];
  const what = of === "ratio" ? `ratio of ${figure}` : figure;
  return { gate: `${what} ${limits.join(" and ")}`, value, holds: value >= least && value <= most };
}
