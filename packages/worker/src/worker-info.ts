import type { WorkerParts } from "./worker-parts.ts";

/** What a worker is and does at one moment. */
export interface WorkerInfo {
  readonly id: string;
  readonly state: "running" | "draining" | "stopping" | "stopped";
  readonly queues: readonly string[];
  readonly tasks: readonly string[];
  /** How many runs may execute at a time, and how many do. Busy may exceed total for a while after `resize`. */
  readonly slots: {
    readonly loop: SlotCounts;
    readonly thread: SlotCounts;
  };
  /** The threads; `undefined` when no task needs one. */
  readonly threads: { readonly total: number; readonly busy: number; readonly replaced: number } | undefined;
  /** The runs that it executes, or is storing the outcomes of. */
  readonly runs: readonly { readonly runId: string; readonly task: string; readonly queue: string }[];
  /** Milliseconds since it was started. */
  readonly uptimeMs: number;
}

/** Slots of one kind. */
export interface SlotCounts {
  readonly busy: number;
  readonly total: number;
}

/** What the parts of a worker say about it. */
export function workerInfo(
  { id, consumption, tasks, slots, threads, active }: WorkerParts,
  { state, startedAt }: { readonly state: WorkerInfo["state"]; readonly startedAt: number },
): WorkerInfo {
  return {
    id,
    state,
    queues: consumption.queues,
    tasks,
    slots: { loop: slotCounts(slots.loop), thread: slotCounts(slots.thread) },
    threads: threads?.counts,
    runs: active.runs.map(({ runId, queue, meta }) => ({ runId, task: meta.task, queue })),
    uptimeMs: Math.round(performance.now() - startedAt),
  };
}

function slotCounts({ busy, size }: { readonly busy: number; readonly size: number }): SlotCounts {
  return { busy, total: size };
}
