import { DEFAULT_QUEUE, type FailureTask, type OnRetry, type Priority, type RunMeta } from "@umbel/protocol";
import type { TraceHeaders } from "@umbel/telemetry";
import type { ResolvedEnqueue } from "./enqueue-options.ts";
import type { Hold } from "./hold.ts";
import { limitAt, type Limit } from "./moments.ts";
import { checkKeyed, type KeyPlace } from "./run-key.ts";
import { RunPlan } from "./run-plan.ts";

/** What of a task matters to whoever enqueues it. */
export interface TaskDefaults {
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly expiresMs: number | undefined;
  /** What is enqueued when a run fails for good; `null`: nothing, whatever the worker's definition says. */
  readonly onFailure?: FailureTask | null | undefined;
  readonly deadlineMs?: number | undefined;
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
  /** The lock that makes the run the only one of its key. */
  readonly hold?: Hold | undefined;
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
    meta: held(planMeta(task, options, facts), facts.hold),
    userHeaders: options.headers,
    trace: facts.trace,
    place: facts.place,
  });
}

function planMeta(task: TaskDefaults, options: ResolvedEnqueue, facts: EnqueueFacts): RunMeta {
  const { dueAt, timeoutMs, resultTtlMs, ignoreResult, tags } = options;
  const meta: Writable<RunMeta> = {
    task: task.name,
    enqueuedAt: facts.now,
    origin: facts.origin,
    attempt: 1,
    // An id that was not made for this enqueue may be known to the mesh.
    verify: options.runId !== undefined,
  };
  setLimits(meta, task, options);
  if (dueAt !== undefined) meta.dueAt = dueAt;
  Object.assign(meta, options.retry);
  if (timeoutMs !== undefined) meta.timeoutMs = timeoutMs;
  if (resultTtlMs !== undefined) meta.resultTtlMs = resultTtlMs;
  if (ignoreResult !== undefined) meta.ignoreResult = ignoreResult;
  if (task.onFailure !== undefined) meta.onFailure = task.onFailure;
  if (tags !== undefined) meta.tags = tags;
  if (mayBeOvertaken(task, options, facts)) meta.reorder = true;
  return facts.lineage === undefined ? meta : { ...meta, ...facts.lineage };
}

// An id that is in a lock may be published by others, too. A lock for a time is not its run's to release.
function held(meta: RunMeta, hold: Hold | undefined): RunMeta {
  if (hold === undefined) return meta;
  return { ...meta, verify: true, ...(hold.until === "time" ? {} : { lock: hold.lock }) };
}

function setLimits(meta: Writable<RunMeta>, task: TaskDefaults, options: ResolvedEnqueue): void {
  const from = options.dueAt ?? meta.enqueuedAt;
  const expires = options.expires ?? afterMs(task.expiresMs);
  const deadline = options.deadline ?? afterMs(task.deadlineMs);
  if (expires !== undefined) meta.expiresAt = limitAt(expires, from);
  if (deadline !== undefined) meta.deadlineAt = limitAt(deadline, from);
}

function afterMs(durationMs: number | undefined): Limit | undefined {
  return durationMs === undefined ? undefined : { afterMs: durationMs };
}

function mayBeOvertaken(task: TaskDefaults, options: ResolvedEnqueue, { place }: EnqueueFacts): boolean {
  return place !== undefined && (options.onRetry ?? task.onRetry) === "allow-reorder";
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
