import { join } from "node:path";
import type { BenchOptions } from "./bench-options.ts";
import type { Figures, Scenario, Side } from "./scenario.ts";

/** What one round has measured, by side. */
export type Round = Readonly<Partial<Record<Side, Figures>>>;

/** Hears of every measurement as it is made. */
export type OnMeasured = (side: Side, round: number, figures: Figures) => void;

/** Everything of a scenario that was measured. */
export interface Measured {
  readonly n: number;
  readonly rounds: readonly Round[];
  /** Where our CPU profiles are, if there are any. */
  readonly profileDir: string | undefined;
}

/**
 * Measure a scenario: raw, ours, raw, ours … The speed of a machine drifts over minutes, so only neighbours are
 * compared.
 */
export async function runScenario(
  scenario: Scenario,
  options: BenchOptions,
  onMeasured: OnMeasured,
): Promise<Measured> {
  const { syncInterval } = options;
  const n = options.n ?? scenario.n;
  const profileDir = options.profile ? freshProfileDir(scenario) : undefined;
  const measure = await scenario.prepare();
  const rounds: Round[] = [];
  for (let round = 1; round <= (options.rounds ?? scenario.rounds); round++) {
    const measured: Partial<Record<Side, Figures>> = {};
    for (const side of scenario.sides) {
      const profiled = side === "ours" && profileDir !== undefined;
      const figures = await measure({
        side,
        round,
        n,
        syncInterval,
        profileDir: profiled ? join(profileDir, `round-${round}`) : undefined,
      });
      measured[side] = figures;
      onMeasured(side, round, figures);
    }
    rounds.push(measured);
  }
  return { n, rounds, profileDir };
}

function freshProfileDir({ name }: Scenario): string {
  const started = new Date().toISOString().replaceAll(/[:.]/g, "-");
  return join(import.meta.dirname, "results", `${name}-${started}`);
}
