import type { AttemptError } from "@umbel/protocol";
import { defined } from "../input/defined.ts";
import type { RunReport } from "../run-report.ts";
import { isoTime } from "./time.ts";

/** A run for programs: times in ISO 8601, absent fields absent. The result is left as it is, for `renderJson`. */
export function runJson(run: RunReport): object {
  const { runId, state, task, queue, attempt, starts, worker, reason, deadLetter, errors, result } = run;
  return {
    ...defined({ runId, state, task, queue, attempt, starts, worker, reason, deadLetter }),
    ...defined({
      enqueuedAt: isoTime(run.enqueuedAt),
      dueAt: isoTime(run.dueAt),
      startedAt: isoTime(run.startedAt),
      finishedAt: isoTime(run.finishedAt),
    }),
    errors: errors.map(errorJson),
    ...(result === undefined ? {} : { result: result.value ?? null }),
  };
}

function errorJson({ attempt, at, error }: AttemptError): object {
  return { attempt, at: isoTime(at), ...error };
}
