import { DEFAULT_QUEUE, type Priority, type RunMeta, type UserHeaders } from "@umbel/protocol";
import type { TraceHeaders } from "@umbel/telemetry";
import type { ResolvedEnqueue } from "./enqueue-options.ts";
import type { RunPlan } from "./run-plan.ts";

/** What of a task matters to whoever enqueues it. */
export interface TaskDefaults {
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly expiresMs: number | undefined;
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
  readonly runId: string;
  /** The id was not made for this enqueue: it may be known to the mesh. */
  readonly chosenId: boolean;
  readonly trace: TraceHeaders;
  readonly lineage: Lineage | undefined;
}

/** The defaults of a task that is only known by name: the worker's definition decides the rest. */
export function defaultsByName(name: string): TaskDefaults {
  return { name, queue: DEFAULT_QUEUE, priority: "normal", expiresMs: undefined };
}

/** Decide everything about a run: the call's options over the task's. Pure. */
export function planRun(task: TaskDefaults, options: ResolvedEnqueue, facts: EnqueueFacts): RunPlan {
  return {
    mesh: facts.mesh,
    runId: facts.runId,
    queue: options.queue ?? task.queue,
    priority: options.priority ?? task.priority,
    meta: planMeta(task, options, facts),
    userHeaders: options.headers satisfies UserHeaders,
    trace: facts.trace,
  };
}

function planMeta(task: TaskDefaults, options: ResolvedEnqueue, facts: EnqueueFacts): RunMeta {
  const { dueAt, maxAttempts, timeoutMs, resultTtlMs } = options;
  const expiresMs = options.expiresMs ?? task.expiresMs;
  return {
    task: task.name,
    enqueuedAt: facts.now,
    origin: facts.origin,
    attempt: 1,
    verify: facts.chosenId,
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(expiresMs === undefined ? {} : { expiresAt: (dueAt ?? facts.now) + expiresMs }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(resultTtlMs === undefined ? {} : { resultTtlMs }),
    ...facts.lineage,
  };
}
