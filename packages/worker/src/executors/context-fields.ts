import { isUserHeader, type UserHeaders } from "@umbel/protocol";
import type { AttemptRequest } from "../execute/attempt-request.ts";
import { ignoresResult } from "../execute/run-policy.ts";

/** The plain part of a handler's context: it may cross to a thread. */
export interface ContextFields {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly start: number;
  readonly fence: number;
  readonly deadline: number | undefined;
  readonly headers: UserHeaders;
  /** What the handler returns is not stored. */
  readonly ignoreResult: boolean;
  readonly tags: readonly string[];
}

export function contextFields({ run, ownership, deadline }: AttemptRequest): ContextFields {
  return {
    runId: run.runId,
    task: run.meta.task,
    queue: run.queue,
    attempt: ownership.attempt,
    delivery: run.delivery.count,
    start: ownership.starts,
    fence: ownership.expected,
    deadline,
    headers: userHeaders(run.delivery.headers()),
    ignoreResult: ignoresResult(run),
    tags: run.meta.tags ?? [],
  };
}

/** The caller's own among all headers of a message. */
export function userHeaders(headers: Readonly<Record<string, string>>): UserHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isUserHeader(name)));
}
