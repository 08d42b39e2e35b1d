import { formatNumber } from "../../report/table.ts";
import { describePair } from "../contenders/durability.ts";
import type { ContenderResult, MatchResult, Results } from "../results.ts";
import { figureSpread, ratioSpread, type Spread } from "./spread.ts";
import { describeTarget, judgeTargets, type JudgedTarget } from "./targets.ts";

/** Everything, for people. Pure. */
export function formatMarkdown(results: Results): string {
  const { startedAt, machine, versions, matches, missing, failures } = results;
  return [
    "# Umbel beside its peers",
    "",
    `Measured from ${startedAt} on ${listOf(machine)}. ${listOf(versions)}.`,
    "",
    "Medians of the rounds, with their ranges in parentheses. A ratio is ours (the first row) to that row, taken round by round.",
    "",
    ...formatTargets(judgeTargets(results)),
    ...matches.flatMap(formatMatch),
    ...titled(
      "## Not measured",
      Object.entries(missing).map(([name, how]) => `- ${name}: ${how}`),
    ),
    ...titled(
      "## Failed",
      failures.map((failure) => `- ${failure}`),
    ),
  ].join("\n");
}

/** A table in Markdown, aligned for whoever reads it as text. Pure. */
export function markdownTable(rows: readonly (readonly string[])[]): readonly string[] {
  const [head = [], ...body] = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)];
}

/** `"45,123 (40,001 – 50,002)"`; the range is left out for one round. Pure. */
export function formatSpread(spread: Spread | undefined): string {
  if (spread === undefined) return "–";
  const { median, least, most, rounds } = spread;
  return rounds === 1
    ? formatNumber(median)
    : `${formatNumber(median)} (${formatNumber(least)} – ${formatNumber(most)})`;
}

function formatTargets(judged: readonly JudgedTarget[]): readonly string[] {
  if (judged.length === 0) return [];
  const rows = judged.map(({ target, spread, verdict }) => [
    target.match,
    target.figure,
    target.against ?? "itself",
    formatSpread(spread),
    describeTarget(target),
    verdict === "missed" ? "**missed**" : verdict,
  ]);
  const head = ["match", "figure", "ours to", "measured", "wanted", ""];
  return ["## Against what was set out for", "", ...markdownTable([head, ...rows]), ""];
}

function formatMatch({ name, about, figures, contenders, load }: MatchResult): readonly string[] {
  const [ours] = contenders;
  if (ours === undefined) return [];
  const names = figures.map(({ figure }) => figure);
  const compared = figures.filter(({ alone }) => alone !== true).map(({ figure }) => figure);
  const rows = contenders.map((contender) => [
    labelOf(contender),
    contender.mode,
    ...names.map((figure) => formatSpread(figureSpread(contender, figure))),
    ...compared.map((figure) => ratioOf(ours, contender, figure)),
    contender === ours ? "" : describePair(ours, contender),
    `${contender.rounds.filter((round) => round !== null).length} × ${contender.n}`,
  ]);
  const head = [
    "",
    "durability",
    ...names,
    ...compared.map((figure) => `ratio of ${figure}`),
    "pair",
    "rounds × n",
  ];
  return [
    `## ${name}`,
    "",
    `${about}. Load average as the rounds began: ${load.map((one) => one.toFixed(1)).join(", ")}.`,
    "",
    ...markdownTable([head, ...rows]),
    "",
  ];
}

function ratioOf(ours: ContenderResult, theirs: ContenderResult, figure: string): string {
  return ours === theirs ? "" : formatSpread(ratioSpread(ours, theirs, figure));
}

function labelOf({ title, caveat }: ContenderResult): string {
  return caveat === "" ? title : `${title} (${caveat})`;
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, "", ...lines, ""];
}

function listOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
