import { logEvent } from "@umbel/telemetry";
import type { Settled } from "../settle/settlement.ts";
import type { Verdict } from "./attempt.ts";
import { attemptFields } from "./attempt-fields.ts";
import type { AttemptRequest } from "./attempt-request.ts";
import type { ExecutionDeps } from "./execution-deps.ts";
import { processResult } from "./process-result.ts";
import type { PolicyFault } from "./retry-decision.ts";

/** How an attempt has ended. */
export interface AttemptReport {
  readonly verdict: Verdict;
  readonly settled: Settled;
  readonly durationMs: number;
}

/** Tell how an attempt has ended: in its span, in the worker's counts, and in the log unless it is one of many successes. */
export function reportAttempt(
  request: AttemptRequest,
  report: AttemptReport,
  deps: Pick<ExecutionDeps, "counter" | "logger" | "verbose" | "workerId">,
): void {
  const result = processResult(report.verdict, report.settled, request.control.cause);
  request.scope.end(result);
  deps.counter.ended(request.run.meta.task, result.outcome);
  // Nearly every attempt is reported here: no object for a line that is not written.
  if (result.outcome !== "succeeded" || deps.verbose()) logAttempt(request, report, { ...deps, ...result });
}

function logAttempt(
  request: AttemptRequest,
  { verdict, durationMs }: AttemptReport,
  {
    logger,
    workerId,
    outcome,
  }: Pick<ExecutionDeps, "logger" | "workerId"> & ReturnType<typeof processResult>,
): void {
  const fields = attemptFields(request, workerId);
  for (const fault of faultsOf(verdict)) logEvent(logger, "retry.option_failed", { ...fields, ...fault });
  if (outcome === "cancelled") logEvent(logger, "run.cancelled", fields);
  else if (outcome === "refused")
    logEvent(logger, "run.refused", { ...fields, outcome: verdict.kind, durationMs });
  else if (verdict.kind === "succeeded") logEvent(logger, "run.succeeded", { ...fields, durationMs });
  else if (verdict.kind === "retry")
    logEvent(logger, "run.retrying", {
      ...fields,
      delayMs: verdict.delayMs,
      reason: verdict.error.message,
    });
  else if (verdict.kind === "failed")
    logEvent(logger, "run.failed", { ...fields, durationMs, error: verdict.error });
  else logEvent(logger, "run.handed_back", { ...fields, reason: "the worker is stopping" });
}

function faultsOf(verdict: Verdict): readonly PolicyFault[] {
  return ("faults" in verdict ? verdict.faults : undefined) ?? [];
}
