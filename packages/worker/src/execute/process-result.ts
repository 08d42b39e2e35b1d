import type { ProcessOutcome, ProcessResult } from "@umbel/telemetry";
import type { Settled } from "../settle/settlement.ts";
import type { AbortCause } from "./abort-control.ts";
import type { Verdict } from "./attempt.ts";

/** How an attempt ended, for its span: what it came to, how that was settled, and why it was aborted if it was. Pure. */
export function processResult(
  verdict: Verdict,
  settled: Settled,
  cause: AbortCause | undefined,
): ProcessResult {
  const outcome = processOutcome(verdict, settled, cause);
  // An attempt that the handler asked to repeat is no failure.
  if (!("error" in verdict) || (verdict.kind === "retry" && verdict.asked)) return { outcome };
  return { outcome, error: verdict.error };
}

// The outcome of a cancelled run was written by whoever cancelled it: whatever its handler came to, that one stands.
function processOutcome(verdict: Verdict, settled: Settled, cause: AbortCause | undefined): ProcessOutcome {
  const unwritten = settled === "refused" || verdict.kind === "interrupted";
  if (unwritten && cause === "cancelled") return "cancelled";
  return settled === "refused" ? "refused" : OUTCOMES[verdict.kind];
}

const OUTCOMES: Readonly<Record<Verdict["kind"], ProcessOutcome>> = {
  succeeded: "succeeded",
  failed: "failed",
  retry: "retrying",
  interrupted: "handed_back",
};
