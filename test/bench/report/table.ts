import type { Measured } from "../run-scenario.ts";
import type { Scenario } from "../scenario.ts";
import type { Environment } from "./environment.ts";
import { ratiosOf, type Summary } from "./summary.ts";

/** A scenario for people. */
export function formatTable(
  scenario: Scenario,
  { n, rounds, profileDir }: Measured,
  { summary, environment }: { readonly summary: Summary; readonly environment: Environment },
): string {
  const { versions, durability } = environment;
  const perRound = rounds.flatMap(ratiosOf);
  const rows = Object.entries(summary.ours).map(([name, value]) => [
    name,
    formatNumber(value),
    formatNumber(summary.raw?.[name]),
    formatNumber(summary.ratios[name]),
    perRound.map((ratios) => formatNumber(ratios[name])).join("  "),
  ]);
  return [
    `${scenario.name}: ${scenario.about}`,
    `n ${n}, ${durability}, nats-server ${versions.natsServer}, node ${versions.node}, ${versions.cores} × ${versions.cpu}`,
    "",
    ...alignColumns([["", "ours", "raw", "ratio", "by round"], ...rows]),
    "",
    ...summary.gates.map(
      ({ gate, value, holds }) => `${holds ? "holds" : "FAILS"}  ${gate} (${formatNumber(value)})`,
    ),
    ...(profileDir === undefined ? [] : [`CPU profiles: ${profileDir}`]),
    "",
  ].join("\n");
}

const FULL_FROM = 1_000;
const DIGITS = 3;

/** A figure as short as it can be said; nothing for what was not measured. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined) return "";
  return Math.abs(value) >= FULL_FROM
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(DIGITS)));
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("   ")
      .trimEnd(),
  );
}
