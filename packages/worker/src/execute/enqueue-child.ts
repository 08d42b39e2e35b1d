import { createHash } from "node:crypto";
import type { EnqueueOptions, Mesh, Receipt } from "@umbel/client";
import { digestId, UmbelError, type FailureTask, type OnRetry, type Priority } from "@umbel/protocol";
import type { Context } from "@opentelemetry/api";
import type { EnqueuedChild } from "../task-context.ts";
import type { Run } from "./run.ts";

/** A run that a handler wants enqueued. Plain data: it may have crossed a thread. */
export interface ChildRequest {
  readonly task: ChildTask;
  readonly body: Uint8Array;
  readonly options: Omit<EnqueueOptions, "runId"> | undefined;
  /** The how-many-th child of this execution it is, from 0. */
  readonly index: number;
}

/** What of a child's task matters to its enqueue. */
export interface ChildTask {
  readonly name: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly expiresMs: number | undefined;
  readonly onFailure?: FailureTask | undefined;
  readonly deadlineMs?: number | undefined;
  readonly onRetry?: OnRetry;
}

/** What the enqueue of a child says. */
export interface ChildReply {
  readonly id: string;
  readonly receipt: Receipt;
}

/** Enqueue a child of `run`: once, however often its handler is executed. @throws UmbelError */
export async function enqueueChild(
  run: Run,
  request: ChildRequest,
  { mesh, parent }: { readonly mesh: Mesh; readonly parent: Context },
): Promise<ChildReply> {
  const handle = await mesh.enqueueBody<unknown>({
    task: request.task,
    body: request.body,
    options: { ...request.options, runId: childId(run.runId, request) },
    lineage: { parentRunId: run.runId, rootRunId: run.meta.rootRunId ?? run.runId },
    parent,
  });
  if (handle.receipt === undefined) throw new UmbelError("internal", "an enqueue came without a receipt");
  return { id: handle.id, receipt: handle.receipt };
}

/**
 * The id of a child: the same for the same parent, place, task and input. Different input gives a different
 * run, so a handler that decides otherwise when it is executed again loses nothing.
 */
export function childId(parentRunId: string, { task, body, index }: Omit<ChildRequest, "options">): string {
  return digestId(createHash("sha256").update(`${parentRunId}/${index}/${task.name}/`).update(body).digest());
}

/** What a handler gets for a child that was enqueued. */
export function enqueuedChild({ id, receipt }: ChildReply): EnqueuedChild {
  const result = (): Promise<never> =>
    Promise.reject(
      new UmbelError(
        "would_deadlock",
        `a handler cannot wait for run ${id}: it would hold its slot while the run may need it. ` +
          "Enqueue what comes next from the other run, and return.",
        { details: { runId: id } },
      ),
    );
  return { id, receipt, result };
}
