import type { Mesh } from "@umbel/client";
import { HEADER_ALLOWANCE_BYTES } from "@umbel/client/internal";
import type { OutcomeRecord } from "@umbel/protocol";
import type { Logger } from "@umbel/runtime";
import { extractTrace, logEvent, type TraceHeaders } from "@umbel/telemetry";
import type { RunDelivery } from "../execute/run.ts";
import { failureNotice, failureRunId, fitNotice } from "./failure-notice.ts";

/** What {@link FailureReports} need. */
export interface FailureReportDeps {
  readonly mesh: Pick<Mesh, "enqueueBody">;
  readonly logger: Logger;
  readonly maxPayloadBytes: () => number;
}

/** Enqueues `onFailure` tasks: one run for each failed run, however often it is tried. */
export class FailureReports {
  readonly #deps: FailureReportDeps;

  constructor(deps: FailureReportDeps) {
    this.#deps = deps;
  }

  /**
   * Enqueue what the run of `delivery`, which has ended with `outcome`, has for its failure, unless it is enqueued
   * already. Its id follows from the outcome, and whoever starts it reads its record first: so it is executed as
   * one run, even when this comes again after it has ended.
   *
   * @throws UmbelError when it is not stored.
   */
  async enqueue(runId: string, delivery: RunDelivery, outcome: OutcomeRecord): Promise<void> {
    const { onFailure, task, queue } = outcome;
    if (onFailure === undefined) return;
    const notice = failureNotice(runId, delivery, outcome);
    const failureRun = failureRunId(runId, outcome);
    await this.#deps.mesh.enqueueBody({
      task: {
        name: onFailure.task,
        queue: onFailure.queue,
        priority: onFailure.priority ?? "normal",
        expiresMs: undefined,
        // No failure of a failure's run is reported again.
        onFailure: null,
      },
      body: fitNotice(notice, this.#deps.maxPayloadBytes() - HEADER_ALLOWANCE_BYTES),
      options: { runId: failureRun },
      lineage: { parentRunId: runId, rootRunId: notice.rootRunId },
      parent: extractTrace(traceOf(delivery)),
    });
    const fields = { runId, task, queue, onFailure: onFailure.task, failureRunId: failureRun };
    logEvent(this.#deps.logger, "run.failure_reported", fields);
  }
}

function traceOf(delivery: RunDelivery): TraceHeaders {
  const traceparent = delivery.header("traceparent");
  const tracestate = delivery.header("tracestate");
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  };
}
