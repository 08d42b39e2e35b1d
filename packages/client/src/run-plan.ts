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
  needsSchedule,
  RUN_HEADER,
  runSubject,
  scheduleFor,
  type Priority,
  type RunMeta,
  type UserHeaders,
} from "@umbel/protocol";
import type { TraceHeaders } from "@umbel/telemetry";
import type { KeyPlace } from "./run-key.ts";

/** All that is decided about a run but its id. */
export interface RunShape {
  readonly mesh: string;
  readonly queue: string;
  readonly priority: Priority;
  readonly meta: RunMeta;
  readonly userHeaders: UserHeaders;
  readonly trace: TraceHeaders;
  /** @default it has no key */
  readonly place?: KeyPlace | undefined;
}

type Pair = readonly [name: string, value: string];

const EXPECT_NOTHING: Pair = [EXPECT_SEQUENCE, "0"];
const NO_RUN = "";

/**
 * The messages of one run, or of many that differ only in their ids. What they share is made once: of a bulk,
 * every message has the same header bytes.
 */
export class RunPlan {
  readonly #shape: RunShape;
  readonly #readyPrefix: string;
  #freshHeaders: EncodedHeaders | undefined;

  constructor(shape: RunShape) {
    this.#shape = shape;
    const { mesh, queue, priority, meta, place } = shape;
    this.#readyPrefix =
      place === undefined
        ? runSubject(mesh, { kind: "ready", queue, priority, task: meta.task, runId: NO_RUN })
        : runSubject(mesh, { kind: "keyed", queue, ...place, runId: NO_RUN });
  }

  get meta(): RunMeta {
    return this.#shape.meta;
  }

  get shape(): RunShape {
    return this.#shape;
  }

  /** The subject that the run is published on: ready or in its lane, or delayed until shortly before it is due. */
  subject(runId: string): string {
    const { mesh, queue, meta, place } = this.#shape;
    if (!needsSchedule(meta.dueAt, meta.enqueuedAt, place !== undefined)) return this.#readyPrefix + runId;
    return runSubject(mesh, { kind: "delayed", queue, task: meta.task, runId });
  }

  /**
   * The headers of the first try. A fresh id needs to be new on its own subject only; a chosen or a delayed one
   * must be new wherever a run may wait, so that one of many wins.
   */
  firstHeaders(runId: string): EncodedHeaders {
    const { verify, dueAt } = this.#shape.meta;
    if (verify || dueAt !== undefined) return encodeHeaders(this.#pairs(runId, this.#expectNowhere(runId)));
    this.#freshHeaders ??= encodeHeaders(this.#pairs(NO_RUN, [EXPECT_NOTHING]));
    return this.#freshHeaders;
  }

  /**
   * The headers of a repeat: the first try may have been stored and even executed since, so whoever starts the
   * run must look at its record first.
   */
  repeatHeaders(runId: string): EncodedHeaders {
    const verified = { ...this.#shape.meta, verify: true };
    return encodeHeaders(this.#pairs(runId, this.#expectNowhere(runId), verified));
  }

  /** The headers in an atomic batch, which takes them as pairs and cannot look at other subjects. */
  batchHeaders(runId: string): readonly Pair[] {
    return this.#pairs(runId, [EXPECT_NOTHING]);
  }

  #expectNowhere(runId: string): readonly Pair[] {
    return [EXPECT_NOTHING, [EXPECT_SUBJECT, anywhereSubject(this.#shape.mesh, runId)]];
  }

  #pairs(runId: string, expectations: readonly Pair[], meta: RunMeta = this.#shape.meta): Pair[] {
    const { place, trace, userHeaders } = this.#shape;
    const { traceparent, tracestate } = trace;
    const pairs: Pair[] = [...expectations, [RUN_HEADER, formatRunHeader(meta)]];
    if (traceparent !== undefined) pairs.push(["traceparent", traceparent]);
    if (tracestate !== undefined) pairs.push(["tracestate", tracestate]);
    pairs.push(...Object.entries(userHeaders));
    if (!needsSchedule(meta.dueAt, meta.enqueuedAt, place !== undefined)) return pairs;
    pairs.push(
      [SCHEDULE, scheduleFor(meta.dueAt, place !== undefined)],
      [SCHEDULE_TARGET, this.#readyPrefix + runId],
    );
    return pairs;
  }
}
