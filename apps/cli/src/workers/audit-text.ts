import type { AuditEntry } from "@umbel/client";
import type { Tone } from "../output/colour.ts";
import { renderJson } from "../output/json.ts";
import { printable } from "../output/printable.ts";
import { table } from "../output/table.ts";
import { formatMoment } from "../output/time.ts";
import type { TextOptions } from "./workers-text.ts";

const TONES: Readonly<Record<AuditEntry["outcome"], Tone>> = {
  done: "good",
  failed: "bad",
  unfinished: "warning",
};

/** What operators did, for people: one action a line. */
export function auditText(entries: readonly AuditEntry[], { paint }: Pick<TextOptions, "paint">): string {
  if (entries.length === 0) return "nobody did anything that is recorded";
  const rows = entries.map((entry) => [
    formatMoment(entry.at),
    printable(whoText(entry)),
    entry.action,
    paint(TONES[entry.outcome], entry.outcome),
    printable(
      [detailText(entry.target), entry.error ?? detailText(entry.result ?? {})].filter(Boolean).join(" → "),
    ),
  ]);
  return table([["when", "who", "action", "outcome", "what"].map((name) => paint("quiet", name)), ...rows]);
}

// The nearest to a person that is known.
function whoText({ who: { by, actor, user, connection } }: AuditEntry): string {
  const person = by ?? actor ?? user ?? connection;
  const other = by !== undefined && actor !== undefined && actor !== by && !actor.startsWith(`${by}@`);
  const via = other ? ` via ${actor}` : "";
  return `${person}${via}${user === undefined || user === person ? "" : ` (${user})`}`;
}

function detailText(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : renderJson(value)}`)
    .join(" ");
}
