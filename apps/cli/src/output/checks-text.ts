import type { Check } from "../doctor/check.ts";
import type { Paint, Tone } from "./colour.ts";
import { printable } from "./printable.ts";
import { indented, table } from "./table.ts";

const TONES: Readonly<Record<Check["status"], Tone>> = {
  ok: "good",
  warn: "warning",
  fail: "bad",
  skip: "quiet",
};

/** Checks for people: one a line with its advice below, and a count at the end. */
export function checksText(
  checks: readonly Check[],
  { title, paint }: { readonly title: string; readonly paint: Paint },
): string {
  const rows = checks.map(({ name, status, message, advice }) => {
    const shown = printable(message);
    const below = advice === undefined ? "" : `\n${paint("quiet", `→ ${printable(advice)}`)}`;
    return [paint(TONES[status], status), name, shown + below];
  });
  return [paint("strong", title), "", indented(table(rows), "  "), "", countText(checks, paint)].join("\n");
}

function countText(checks: readonly Check[], paint: Paint): string {
  const count = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
  const failed = count("fail");
  const verdict = failed > 0 ? paint("bad", `${failed} failed`) : paint("good", "nothing failed");
  const warned = count("warn");
  const warnings =
    warned === 0 ? "" : `, ${paint("warning", `${warned} ${warned === 1 ? "warning" : "warnings"}`)}`;
  const skipped = count("skip");
  return `${verdict}${warnings}, ${count("ok")} ok${skipped === 0 ? "" : `, ${skipped} not known`}`;
}
