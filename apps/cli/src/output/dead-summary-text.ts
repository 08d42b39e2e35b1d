import type { DeadLetterSummary } from "@umbel/client";
import { counted } from "./counted.ts";
import { printable } from "./printable.ts";

/** What became of many dead letters, for people. */
export function summaryText(summary: DeadLetterSummary, what: "redriven" | "discarded"): string {
  const { done, existed, refused, refusals, missing, missingIds } = summary;
  const lines = [counted(done, `dead letter is ${what}`, `dead letters are ${what}`)];
  if (existed > 0)
    lines.push(`${counted(existed, "was", "were")} redriven before: the letters are removed now`);
  if (missing > 0) lines.push(`${counted(missing, "has", "have")} no dead letter: ${missingIds.join(", ")}`);
  if (refused > 0) {
    lines.push(`${counted(refused, "cannot", "cannot")} be redriven:`);
    lines.push(...refusals.map(({ runId, why }) => `  ${printable(runId)}  ${printable(why)}`));
  }
  return lines.join("\n");
}
