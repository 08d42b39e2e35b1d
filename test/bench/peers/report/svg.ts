// One picture of all ratios: a dot for each comparison, its range, and what was wanted.
import { formatNumber } from "../../report/table.ts";

/** One line of the picture. */
export interface PlotRow {
  readonly label: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Where a mark shows what was wanted. */
  readonly wanted: number | undefined;
  readonly good: boolean;
}

const WIDTH = 960;
const LABELS = 430;
const RIGHT = 70;
const TOP = 46;
const ROW = 22;
const GOOD = "#1a7f37";
const BAD = "#cf222e";
const GREY = "#6e7781";
const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];

/** Ratios on a logarithmic scale, as a picture of its own. Rows that are not above 0 cannot be drawn and are left out. Pure. */
export function plotRatios(title: string, all: readonly PlotRow[]): string {
  const rows = all.filter(({ least, most }) => least > 0 && Number.isFinite(most));
  const height = TOP + rows.length * ROW + 24;
  const scale = scaleOf(rows);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="20" font-size="15" font-weight="600">${escapeXml(title)}</text>`,
    ...ticks(scale, height),
    ...rows.flatMap((row, place) => drawRow(row, TOP + place * ROW + ROW / 2, scale)),
    "</svg>",
    "",
  ].join("\n");
}

/** Text that may stand in XML. Pure. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

type Scale = ((value: number) => number) & { readonly from: number; readonly to: number };

function scaleOf(rows: readonly PlotRow[]): Scale {
  const values = rows.flatMap(({ least, most, wanted }) => [
    least,
    most,
    ...(wanted === undefined ? [] : [wanted]),
  ]);
  const from = Math.min(0.5, ...values.filter((value) => value > 0)) / 1.2;
  const to = Math.max(2, ...values) * 1.2;
  const perDecade = (WIDTH - LABELS - RIGHT) / Math.log10(to / from);
  const place = (value: number): number =>
    Math.round((LABELS + Math.log10(value / from) * perDecade) * 10) / 10;
  return Object.assign(place, { from, to });
}

function ticks(scale: Scale, height: number): readonly string[] {
  return TICKS.filter((tick) => tick >= scale.from && tick <= scale.to).flatMap((tick) => [
    line(
      { x1: scale(tick), x2: scale(tick), y1: TOP - 8, y2: height - 20 },
      tick === 1 ? GREY : "#d0d7de",
      1,
    ),
    `<text x="${scale(tick)}" y="${height - 6}" text-anchor="middle" fill="${GREY}">${tick}</text>`,
  ]);
}

function drawRow(
  { label, median, least, most, wanted, good }: PlotRow,
  y: number,
  scale: Scale,
): readonly string[] {
  const color = good ? GOOD : BAD;
  return [
    `<text x="${LABELS - 12}" y="${y + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    line({ x1: scale(least), x2: scale(most), y1: y, y2: y }, color, 2),
    ...(wanted === undefined || wanted <= 0
      ? []
      : [line({ x1: scale(wanted), x2: scale(wanted), y1: y - 7, y2: y + 7 }, "#000000", 2)]),
    `<circle cx="${scale(median)}" cy="${y}" r="4.5" fill="${color}"/>`,
    `<text x="${WIDTH - RIGHT + 14}" y="${y + 4}" fill="${color}">${formatNumber(median)}</text>`,
  ];
}

function line(at: Readonly<Record<"x1" | "x2" | "y1" | "y2", number>>, color: string, width: number): string {
  const ends = Object.entries(at).map(([name, value]) => `${name}="${value}"`);
  return `<line ${ends.join(" ")} stroke="${color}" stroke-width="${width}"/>`;
}
