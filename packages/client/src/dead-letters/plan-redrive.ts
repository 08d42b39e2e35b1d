import { createHash } from "node:crypto";
import type { StoredDeadLetter } from "@umbel/broker";
import {
  digestId,
  isRunId,
  isUserHeader,
  parseRunSubject,
  type DeadLetter,
  type Priority,
  type RunMeta,
  type UserHeaders,
} from "@umbel/protocol";
import type { TraceHeaders } from "@umbel/telemetry";
import type { KeyPlace } from "../run-key.ts";
import { RunPlan } from "../run-plan.ts";
import { inputOf, metaOf } from "./dead-letter-info.ts";

/** A dead letter that can become a run again. */
export interface Redrivable {
  readonly runId: string;
  readonly sequence: number;
  readonly queue: string;
  readonly letter: DeadLetter;
  readonly meta: RunMeta;
  readonly priority: Priority;
  /** It was one of an order, and will be: behind those of its key that wait now. */
  readonly key: string | undefined;
}

/** Whether a dead letter can become a run again, and if not, why. Pure. */
export function redrivable(stored: StoredDeadLetter): Redrivable | { readonly obstacle: string } {
  const { runId, sequence, queue, letter } = stored;
  if (letter === undefined) return { obstacle: "the letter itself cannot be read: nobody knows its run" };
  const meta = metaOf(letter);
  if (meta === undefined)
    return { obstacle: "its message has no readable Umbel header: nobody knows its task" };
  if (!isRunId(runId)) return { obstacle: "it was not put there by a worker: it has no run id" };
  const address = parseRunSubject(letter.subject);
  const key = address?.kind === "keyed" ? address.key : undefined;
  const priority = address?.kind === "ready" ? address.priority : "normal";
  return { runId, sequence, queue, letter, meta, priority, key };
}

/** Why the input of a dead letter cannot be used again; `undefined` when it can. Pure. */
export function inputObstacle(letter: DeadLetter): string | undefined {
  if (letter.body.byteLength === 0) return "its input is empty, or was too large to be kept";
  return inputOf(letter) === undefined ? "its input cannot be decoded" : undefined;
}

/** Facts about a redrive that are nobody's choice. */
export interface RedriveFacts {
  readonly mesh: string;
  readonly now: number;
  readonly origin: string;
  readonly trace: TraceHeaders;
  readonly queue: string;
  /** The lane of its key in that queue, if it has a key. */
  readonly place: KeyPlace | undefined;
}

/**
 * The new run of a dead one. It keeps what was asked of the old one, its tags, headers, priority and line; it
 * begins anew at the first attempt, is due at once, and neither expires nor has a deadline. Pure.
 */
export function planRedrive(dead: Redrivable, facts: RedriveFacts): RunPlan {
  return new RunPlan({
    mesh: facts.mesh,
    queue: facts.queue,
    priority: dead.priority,
    meta: redrivenMeta(dead, facts),
    userHeaders: ownHeaders(dead.letter.headers),
    trace: facts.trace,
    place: facts.place,
  });
}

function redrivenMeta({ runId, meta }: Redrivable, { now, origin }: RedriveFacts): RunMeta {
  // The lock of a unique run was given back when it died.
  const { dueAt: _dueAt, expiresAt: _expiresAt, deadlineAt: _deadlineAt, lock: _lock, ...kept } = meta;
  return {
    ...kept,
    enqueuedAt: now,
    origin,
    attempt: 1,
    // It may have been redriven before, by someone who could not remove the letter.
    verify: true,
    rootRunId: meta.rootRunId ?? runId,
    redriveOf: runId,
  };
}

function ownHeaders(headers: Readonly<Record<string, string>>): UserHeaders {
  return Object.fromEntries(Object.entries(headers).filter(isOwnLine));
}

// No message could have brought a line break: a letter that was written by hand could.
function isOwnLine([name, value]: readonly [string, string]): boolean {
  return isUserHeader(name) && /^[\x21-\x39\x3b-\x7e]+$/.test(name) && !/[\r\n\0]/.test(value);
}

/**
 * The id of the run that a redrive makes: the same for everybody who redrives the same death. A run id of a
 * caller's choice may die more than once, at different times. Pure.
 */
export function redriveId(deadRunId: string, diedAt: number): string {
  return digestId(createHash("sha256").update(`${deadRunId}/redrive/${diedAt}`).digest());
}
