import { formatBackoff } from "../backoff-text.ts";
import { decode, encode } from "../codec.ts";
import { fieldReader, isFields } from "../record-fields.ts";
import { isOutcomeState, type OutcomeState } from "../run-state.ts";
import { readDefinition } from "./read-definition.ts";
import { oneOf, texts } from "./record-parts.ts";
import type { ScheduleDefinition } from "./schedule-definition.ts";

/** Why a run of a schedule was made: at its time, later than that, or because somebody asked. */
export type FiringKind = "on-time" | "caught-up" | "by-hand";

/** How a run of a schedule has ended; `unknown`: the mesh has forgotten it. */
export type FiringState = OutcomeState | "unknown";

/** A firing that made a run. Times in milliseconds since the epoch. */
export interface Firing {
  readonly runId: string;
  readonly kind: FiringKind;
  /** The time that the schedule names. */
  readonly fireAt: number;
  /** When it was decided to make the run. */
  readonly at: number;
  /** How the run ended; absent while that is not known here. */
  readonly state?: FiringState;
}

/** Why a firing made no run: it was too late by the catch-up policy, had expired, or met a run that had not ended. */
export type MissReason = "late" | "expired" | "overlap";

/** Firings that made no run. */
export interface Missed {
  readonly why: MissReason;
  /** The last of them. */
  readonly fireAt: number;
  readonly count: number;
}

/** That a schedule is paused. */
export interface SchedulePause {
  readonly at: number;
  readonly reason?: string;
  readonly by?: string;
}

/** All that is known of a schedule, in one record: how it is defined, where it stands, what it did last. */
export interface ScheduleRecord {
  /** Grows by one with every change by a person or a program; not when it fires. */
  readonly version: number;
  readonly definition: ScheduleDefinition;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly changedBy?: string;
  readonly paused?: SchedulePause;
  /** The name of the list that declares it, and what that list said last. */
  readonly source?: string;
  readonly declared?: string;
  /** Firings until then, that moment included, are dealt with. */
  readonly cursor: number;
  /** How many firings made a run, those by hand not counted. */
  readonly fired: number;
  readonly missedCount: number;
  /** Runs that are decided on, and perhaps not enqueued yet. */
  readonly pending: readonly Firing[];
  /** The last runs, oldest first. */
  readonly runs: readonly Firing[];
  /** The last firings that made none, oldest first. */
  readonly missed: readonly Missed[];
}

/** How many runs a record remembers. */
export const MAX_RUNS = 20;
/** How many times of missing something it remembers. */
export const MAX_MISSED = 20;

const WHAT = "schedule";

/** `record` as it is stored: one MessagePack map. */
export function encodeScheduleRecord(record: ScheduleRecord): Uint8Array {
  return encode({ ...record, definition: plainDefinition(record.definition) }, WHAT);
}

/** `definition` as bytes: two that are equal have the same, in whatever order their fields are. */
export function encodeDefinition(definition: ScheduleDefinition): Uint8Array {
  return encode(inOrder(plainDefinition(definition)), WHAT);
}

function inOrder(value: unknown): unknown {
  if (!isFields(value)) return value;
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
}

function plainDefinition(definition: ScheduleDefinition): object {
  const { run } = definition;
  const { retry } = run;
  if (retry?.backoff === undefined) return definition;
  return { ...definition, run: { ...run, retry: { ...retry, backoff: formatBackoff(retry.backoff) } } };
}

/** @throws UmbelError `undecodable` when `bytes` are not a schedule. */
export function decodeScheduleRecord(bytes: Uint8Array): ScheduleRecord {
  const reader = fieldReader(decode(bytes, WHAT), WHAT);
  const { fields } = reader;
  return {
    version: reader.number("version"),
    definition: readDefinition(fields["definition"]),
    createdAt: reader.number("createdAt"),
    changedAt: reader.number("changedAt"),
    ...texts(fields, ["changedBy", "source", "declared"]),
    ...(fields["paused"] === undefined ? {} : { paused: readPause(fields["paused"]) }),
    cursor: reader.number("cursor"),
    fired: reader.number("fired"),
    missedCount: reader.number("missedCount"),
    pending: reader.array("pending").map(readFiring),
    runs: reader.array("runs").map(readFiring),
    missed: reader.array("missed").map(readMissed),
  };
}

function readPause(value: unknown): SchedulePause {
  const reader = fieldReader(value, "pause of a schedule");
  return { at: reader.number("at"), ...texts(reader.fields, ["reason", "by"]) };
}

const KINDS: readonly FiringKind[] = ["on-time", "caught-up", "by-hand"];
const REASONS: readonly MissReason[] = ["late", "expired", "overlap"];

function readFiring(value: unknown): Firing {
  const reader = fieldReader(value, "firing of a schedule");
  const { state } = reader.fields;
  return {
    runId: reader.text("runId"),
    kind: oneOf(reader, "kind", KINDS),
    fireAt: reader.number("fireAt"),
    at: reader.number("at"),
    ...(isOutcomeState(state) || state === "unknown" ? { state } : {}),
  };
}

function readMissed(value: unknown): Missed {
  const reader = fieldReader(value, "missed firing of a schedule");
  return {
    why: oneOf(reader, "why", REASONS),
    fireAt: reader.number("fireAt"),
    count: reader.number("count"),
  };
}
