import type { Results } from "../results.ts";
import { plotRatios, type PlotRow } from "./svg.ts";
import { describeTarget, judgeTargets } from "./targets.ts";

/** All ratios that something was wanted of, as a picture. Pure. */
export function plotResults(results: Results): string {
  const rows = judgeTargets(results).flatMap(({ target, spread, verdict }): readonly PlotRow[] => {
    const { match, figure, against, least, most } = target;
    if (against === undefined || spread === undefined) return [];
    const label = `${match} · ${figure} to ${against} (${describeTarget(target)})`;
    return [{ label, ...spread, wanted: least ?? most, good: verdict === "held" }];
  });
  return plotRatios("Umbel's ratio to others: medians and ranges, and what was wanted", rows);
}
