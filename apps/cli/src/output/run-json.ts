import type { AttemptError } from "@umbel/protocol";
import type { RunReport } from "../run-report.ts";
import { isoTime } from "./time.ts";

/** A run for programs: times in ISO 8601, absent fields absent. The result is left as it is, for `renderJson`. */
export function runJson(run: RunReport): object {
  const { enqueuedAt, startedAt, finishedAt, dueAt, errors, result, ...rest } = run;
  const times = {
    enqueuedAt: isoTime(enqueuedAt),
    startedAt: isoTime(startedAt),
    finishedAt: isoTime(finishedAt),
    dueAt: isoTime(dueAt),
  };
  const present = Object.entries({ ...rest, ...times }).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(present),
    errors: errors.map(errorJson),
    ...(result === undefined ? {} : { result: result.value ?? null }),
  };
}

function errorJson({ attempt, at, error }: AttemptError): object {
  return { attempt, at: isoTime(at), ...error };
}
