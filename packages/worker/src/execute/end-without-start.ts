import { serializeError, UmbelError } from "@umbel/protocol";
import { logEvent } from "@umbel/telemetry";
import type { Admitted } from "./claim.ts";
import type { ExecutionDeps } from "./execution-deps.ts";
import type { Run } from "./run.ts";

/** Carry out what was decided about a run that must not start here and now. */
export async function endWithoutStart(
  run: Run,
  admitted: Exclude<Admitted, { readonly action: "start" }>,
  deps: Pick<ExecutionDeps, "settlement" | "logger">,
): Promise<void> {
  const { settlement } = deps;
  switch (admitted.action) {
    case "finish":
      return settlement.finish(run.runId, run.delivery, admitted.outcome);
    case "forget":
      return settlement.forget(run.delivery);
    case "leave":
      return undefined;
    case "wait":
      await settlement.waitUntilDue(run, {
        attempt: admitted.ownership.attempt + 1,
        dueAt: admitted.dueAt,
        delayMs: admitted.delayMs,
      });
      return undefined;
    case "expire":
      logEvent(deps.logger, "run.expired", { ...runFields(run), expiredAtMs: endOf(run) });
      await settlement.end(run, admitted.ownership, { state: "expired", reason: "it did not start in time" });
      return undefined;
    case "miss-deadline":
      await settlement.end(run, admitted.ownership, {
        state: "failed",
        deadLetter: "deadline",
        error: serializeError(missedDeadline(admitted.ownership.starts)),
      });
      return undefined;
    case "give-up":
      logEvent(deps.logger, "run.crash_loop", {
        ...runFields(run),
        start: admitted.ownership.starts,
        maxStarts: admitted.lostStarts,
      });
      await settlement.end(run, admitted.ownership, {
        state: "failed",
        deadLetter: "crash-loop",
        error: serializeError(crashLoop(admitted.lostStarts)),
      });
      return undefined;
    default:
      return admitted satisfies never;
  }
}

function runFields({ runId, queue, meta }: Run): { runId: string; queue: string; task: string } {
  return { runId, queue, task: meta.task };
}

function endOf({ meta }: Run): number {
  return Math.min(meta.expiresAt ?? Infinity, meta.deadlineAt ?? Infinity);
}

function missedDeadline(starts: number): UmbelError {
  return new UmbelError(
    "deadline_exceeded",
    `the deadline of the run passed after ${starts} ${starts === 1 ? "start" : "starts"}, before it could start again.`,
    { details: { starts } },
  );
}

function crashLoop(lostStarts: number): UmbelError {
  return new UmbelError(
    "crash_loop",
    `${lostStarts} starts in a row ended without a word: the run takes its worker down, or is too much for it.`,
    { details: { lostStarts } },
  );
}
