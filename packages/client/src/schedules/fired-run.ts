import { jitterOf, type Firing, type ScheduleDefinition } from "@umbel/protocol";
import type { EnqueueOptions } from "../enqueue-options.ts";
import type { EnqueueRequest } from "../enqueuer.ts";

/** The header that tells a handler which schedule its run is of. */
const SCHEDULE_ID_HEADER = "schedule-id";
/** The header that tells a handler which time its run was made for, in ISO 8601. */
const SCHEDULE_TIME_HEADER = "schedule-time";

/** The tag of every run of a schedule. */
export function scheduleTag(id: string): string {
  return `schedule:${id}`;
}

/** The enqueue of the run of one firing, the same whoever makes it. Pure. */
export function firedRun(
  id: string,
  definition: ScheduleDefinition,
  { firing, now }: { readonly firing: Firing; readonly now: number },
): EnqueueRequest {
  const { run } = definition;
  return {
    task: {
      name: run.task,
      queue: run.queue,
      priority: run.priority,
      expiresMs: run.taskExpiresMs,
      deadlineMs: run.taskDeadlineMs,
      onFailure: run.onFailure,
      ...(run.onRetry === undefined ? {} : { onRetry: run.onRetry }),
    },
    body: run.input,
    options: {
      runId: firing.runId,
      ...dueOf(definition, firing, now),
      ...keyOf(id, definition),
      ...limitsOf(definition),
      headers: {
        ...run.headers,
        [SCHEDULE_ID_HEADER]: id,
        [SCHEDULE_TIME_HEADER]: new Date(firing.fireAt).toISOString(),
      },
      tags: [scheduleTag(id), ...(run.tags ?? [])],
    },
  };
}

// Of a firing that comes late, the moment has passed: its task's own limits count from when it is enqueued. One that
// is on time waits for it by the server's clock, whatever the clock here says.
function dueOf({ jitterMs, expiresMs }: ScheduleDefinition, firing: Firing, now: number): EnqueueOptions {
  const shiftMs = jitterMs === undefined || firing.kind === "by-hand" ? 0 : jitterOf(firing.runId, jitterMs);
  const dueAt = firing.fireAt + shiftMs;
  return {
    ...(dueAt > now || firing.kind === "on-time" ? { at: new Date(dueAt) } : {}),
    ...(expiresMs === undefined ? {} : { expires: new Date(dueAt + expiresMs) }),
  };
}

// Runs of one key start one at a time, and in their order: as those that queue shall.
function keyOf(id: string, { overlap, run }: ScheduleDefinition): EnqueueOptions {
  const key = run.key ?? (overlap === "queue" ? scheduleTag(id) : undefined);
  return key === undefined ? {} : { key };
}

function limitsOf({ run }: ScheduleDefinition): EnqueueOptions {
  const { retry, timeoutMs, deadlineMs, resultTtlMs, ignoreResult } = run;
  return {
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(deadlineMs === undefined ? {} : { deadline: deadlineMs }),
    ...(resultTtlMs === undefined ? {} : { resultTtl: resultTtlMs }),
    ...(ignoreResult === undefined ? {} : { ignoreResult }),
  };
}

function retryOf({
  maxElapsedMs,
  ...rest
}: NonNullable<ScheduleDefinition["run"]["retry"]>): NonNullable<EnqueueOptions["retry"]> {
  return maxElapsedMs === undefined ? rest : { ...rest, maxElapsed: maxElapsedMs };
}
