import type { AttemptRequest } from "./attempt-request.ts";

/** What every log line about an attempt says. */
export interface AttemptFields {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly start: number;
  readonly workerId: string;
}

export function attemptFields(
  { run, ownership }: Pick<AttemptRequest, "run" | "ownership">,
  workerId: string,
): AttemptFields {
  return {
    runId: run.runId,
    task: run.meta.task,
    queue: run.queue,
    attempt: ownership.attempt,
    delivery: run.delivery.count,
    start: ownership.starts,
    workerId,
  };
}
