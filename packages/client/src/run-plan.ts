import {
  encodeHeaders,
  EXPECT_SEQUENCE,
  EXPECT_SUBJECT,
  SCHEDULE,
  SCHEDULE_TARGET,
  type EncodedHeaders,
} from "@umbel/broker";
import {
  anywhereSubject,
  formatRunHeader,
  RUN_HEADER,
  runSubject,
  type Priority,
  type RunMeta,
  type UserHeaders,
} from "@umbel/protocol";
import type { TraceHeaders } from "@umbel/telemetry";

/** A run that is decided on, and not yet published. */
export interface RunPlan {
  readonly mesh: string;
  readonly runId: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly meta: RunMeta;
  readonly userHeaders: UserHeaders;
  readonly trace: TraceHeaders;
}

type Pair = readonly [name: string, value: string];

/** The subject that the run is published on: ready, or delayed until it is due. */
export function planSubject(plan: RunPlan): string {
  return plan.meta.dueAt === undefined ? readySubject(plan) : delayedSubject(plan);
}

/**
 * The headers of the first try. A fresh id needs to be new on its own subject only; a chosen or a delayed one
 * must be new wherever a run may wait, so that one of many wins.
 */
export function firstHeaders(plan: RunPlan): EncodedHeaders {
  const alone = !plan.meta.verify && plan.meta.dueAt === undefined;
  return encodeHeaders(headerPairs(plan, alone ? [EXPECT_NOTHING] : expectNowhere(plan)));
}

/**
 * The headers of a repeat: the first try may have been stored and even executed since, so whoever starts the
 * run must look at its record first.
 */
export function repeatHeaders(plan: RunPlan): EncodedHeaders {
  const verified = { ...plan, meta: { ...plan.meta, verify: true } };
  return encodeHeaders(headerPairs(verified, expectNowhere(plan)));
}

/** The headers of `plan` in an atomic batch, which takes them as pairs and cannot look at other subjects. */
export function batchHeaders(plan: RunPlan): readonly Pair[] {
  return headerPairs(plan, [EXPECT_NOTHING]);
}

const EXPECT_NOTHING: Pair = [EXPECT_SEQUENCE, "0"];

function expectNowhere(plan: RunPlan): readonly Pair[] {
  return [EXPECT_NOTHING, [EXPECT_SUBJECT, anywhereSubject(plan.mesh, plan.runId)]];
}

function headerPairs(plan: RunPlan, expectations: readonly Pair[]): Pair[] {
  const pairs: Pair[] = [...expectations, [RUN_HEADER, formatRunHeader(plan.meta)]];
  const { traceparent, tracestate } = plan.trace;
  if (traceparent !== undefined) pairs.push(["traceparent", traceparent]);
  if (tracestate !== undefined) pairs.push(["tracestate", tracestate]);
  for (const name in plan.userHeaders) pairs.push([name, plan.userHeaders[name] ?? ""]);
  if (plan.meta.dueAt !== undefined) {
    pairs.push(
      [SCHEDULE, `@at ${new Date(plan.meta.dueAt).toISOString()}`],
      [SCHEDULE_TARGET, readySubject(plan)],
    );
  }
  return pairs;
}

function readySubject({ mesh, runId, queue, priority, meta }: RunPlan): string {
  return runSubject(mesh, { kind: "ready", queue, priority, task: meta.task, runId });
}

function delayedSubject({ mesh, runId, queue, meta }: RunPlan): string {
  return runSubject(mesh, { kind: "delayed", queue, task: meta.task, runId });
}
