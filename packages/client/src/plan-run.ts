import { DEFAULT_QUEUE, type OnRetry, type Priority, type RunMeta } from "@umbel/protocol";
import type { TraceHeaders } from "@umbel/telemetry";
import type { ResolvedEnqueue } from "./enqueue-options.ts";
import { checkKeyed, type KeyPlace } from "./run-key.ts";
import { RunPlan } from "./run-plan.ts";

/** What of a task matters to whoever enqueues it. */
export interface TaskDefaults {
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly expiresMs: number | undefined;
  /** @default "keep-order" */
  readonly onRetry?: OnRetry;
}

/** The handler that enqueues, if one does. */
export interface Lineage {
  readonly parentRunId: string;
  readonly rootRunId: string;
}

/** Facts about this enqueue that are nobody's choice. */
export interface EnqueueFacts {
  readonly mesh: string;
  readonly now: number;
  readonly origin: string;
  readonly trace: TraceHeaders;
  readonly lineage: Lineage | undefined;
  /** @default it has no key */
  readonly place?: KeyPlace | undefined;
}

/** The defaults of a task that is only known by name: the worker's definition decides the rest. */
export function defaultsByName(name: string): TaskDefaults {
  return { name, queue: DEFAULT_QUEUE, priority: "normal", expiresMs: undefined };
}

/**
 * Decide everything about a run but its id: the call's options over the task's. Pure.
 *
 * @throws UmbelError `invalid_argument` for options that exclude each other.
 */
export function planRun(task: TaskDefaults, options: ResolvedEnqueue, facts: EnqueueFacts): RunPlan {
  checkKeyed(task, options, facts.place);
  return new RunPlan({
    mesh: facts.mesh,
    queue: options.queue ?? task.queue,
    priority: options.priority ?? task.priority,
    meta: planMeta(task, options, facts),
    userHeaders: options.headers,
    trace: facts.trace,
    place: facts.place,
  });
}

function planMeta(task: TaskDefaults, options: ResolvedEnqueue, facts: EnqueueFacts): RunMeta {
  const { dueAt, maxAttempts, timeoutMs, resultTtlMs } = options;
  const meta: Writable<RunMeta> = {
    task: task.name,
    enqueuedAt: facts.now,
    origin: facts.origin,
    attempt: 1,
    // An id that was not made for this enqueue may be known to the mesh.
    verify: options.runId !== undefined,
  };
  const expiresMs = options.expiresMs ?? task.expiresMs;
  if (dueAt !== undefined) meta.dueAt = dueAt;
  if (expiresMs !== undefined) meta.expiresAt = (dueAt ?? facts.now) + expiresMs;
  if (maxAttempts !== undefined) meta.maxAttempts = maxAttempts;
  if (timeoutMs !== undefined) meta.timeoutMs = timeoutMs;
  if (resultTtlMs !== undefined) meta.resultTtlMs = resultTtlMs;
  if (mayBeOvertaken(task, options, facts)) meta.reorder = true;
  return facts.lineage === undefined ? meta : { ...meta, ...facts.lineage };
}

function mayBeOvertaken(task: TaskDefaults, options: ResolvedEnqueue, { place }: EnqueueFacts): boolean {
  return place !== undefined && (options.onRetry ?? task.onRetry) === "allow-reorder";
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
