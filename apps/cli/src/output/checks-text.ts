import type { Check } from "../doctor/check.ts";
import type { Paint, Tone } from "./colour.ts";
import { counted } from "./counted.ts";
import { printable } from "./printable.ts";
import { indented, table, wrapped } from "./table.ts";

const TONES: Readonly<Record<Check["status"], Tone>> = {
  ok: "good",
  warn: "warning",
  fail: "bad",
  skip: "quiet",
};

/** How checks are shown. */
export interface ChecksTextOptions {
  readonly title: string;
  readonly paint: Paint;
  /** How many characters a line may have. @default any number */
  readonly columns: number | undefined;
}

/** Checks for people: one a line with its advice below, and a count at the end. */
export function checksText(checks: readonly Check[], options: ChecksTextOptions): string {
  const { title, paint, columns = Number.POSITIVE_INFINITY } = options;
  const taken = INDENT.length + Math.max(...checks.map(({ name }) => name.length)) + COLUMNS_AND_GAPS;
  const width = Math.max(MIN_WIDTH, columns - taken);
  const rows = checks.map(({ name, status, message, advice }) => [
    paint(TONES[status], status),
    name,
    wrapped(printable(message), width) + adviceText(advice, width, paint),
  ]);
  return [paint("strong", title), "", indented(table(rows), INDENT), "", countText(checks, paint)].join("\n");
}

const INDENT = "  ";
/** The widest status, and the gaps between three columns. */
const COLUMNS_AND_GAPS = 8;
const MIN_WIDTH = 40;

function adviceText(advice: string | undefined, width: number, paint: Paint): string {
  if (advice === undefined) return "";
  const lines = wrapped(`→ ${printable(advice)}`, width).split("\n");
  return lines.map((line) => `\n${paint("quiet", line)}`).join("");
}

function countText(checks: readonly Check[], paint: Paint): string {
  const count = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
  const failed = count("fail");
  const verdict = failed > 0 ? paint("bad", `${failed} failed`) : paint("good", "nothing failed");
  const warned = count("warn");
  const warnings = warned === 0 ? "" : `, ${paint("warning", counted(warned, "warning", "warnings"))}`;
  const skipped = count("skip");
  return `${verdict}${warnings}, ${count("ok")} ok${skipped === 0 ? "" : `, ${skipped} not known`}`;
}
