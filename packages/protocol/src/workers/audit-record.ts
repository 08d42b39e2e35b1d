import { fieldReader, isFields } from "../record-fields.ts";
import { UmbelError } from "../umbel-error.ts";

/** What operators do, and is recorded. */
export const AUDIT_ACTIONS = [
  "queue.pause",
  "queue.resume",
  "queue.configure",
  "run.cancel",
  "run.terminate",
  "dead.redrive",
  "dead.discard",
  "worker.add-queue",
  "worker.remove-queue",
  "worker.resize",
  "worker.rate-limit",
  "worker.time-limit",
  "worker.drain",
  "worker.undrain",
  "worker.shutdown",
  "worker.log-level",
] as const;

/** One of {@link AUDIT_ACTIONS}. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did something, as far as is known: what programs say of themselves, proved by nothing but their rights. */
export interface AuditActor {
  /** The person or program, as the call says. */
  readonly by?: string;
  /** For whom the connection was made: of the command line, the user of the machine, `ada@laptop`. */
  readonly actor?: string;
  /** The user that the connection told the server. */
  readonly user?: string;
  /** The name of the connection. */
  readonly connection: string;
}

/**
 * One of the two records of an action: one is written before it, so that what was interrupted shows too; the other
 * once it has ended.
 */
export interface AuditRecord {
  /** Of the action: both its records have it. */
  readonly id: string;
  readonly phase: "begun" | "done" | "failed";
  readonly action: string;
  /** In milliseconds since the epoch, by the clock of whoever did it. */
  readonly at: number;
  readonly who: AuditActor;
  /** What it was done to, and with which options. */
  readonly target: Readonly<Record<string, unknown>>;
  /** What came of it. */
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

const VERSION = 1;
const WHAT = "audit record";
const MAX_PART_CHARACTERS = 16_384;
const PHASES: readonly AuditRecord["phase"][] = ["begun", "done", "failed"];

/** `record` as it is stored: JSON. A target or result that is too long is replaced by its length. */
export function encodeAuditRecord({ target, result, ...rest }: AuditRecord): Uint8Array {
  const bounded = { target: bound(target), ...(result === undefined ? {} : { result: bound(result) }) };
  return new TextEncoder().encode(JSON.stringify({ v: VERSION, ...rest, ...bounded }));
}

function bound(part: Readonly<Record<string, unknown>>): object {
  const text = JSON.stringify(part);
  return text.length <= MAX_PART_CHARACTERS ? part : { omittedCharacters: text.length };
}

/** @throws UmbelError `undecodable` for anything that {@link encodeAuditRecord} did not make. */
export function decodeAuditRecord(body: Uint8Array): AuditRecord {
  const reader = fieldReader(parse(body), WHAT);
  const { target, result, error } = reader.fields;
  if (reader.number("v") !== VERSION) throw reader.fail("it is of another version");
  const phase = PHASES.find((known) => known === reader.fields["phase"]);
  if (phase === undefined) throw reader.fail("phase is not known");
  if (!isFields(target)) throw reader.fail("target is not an object");
  return {
    id: reader.text("id"),
    phase,
    action: reader.text("action"),
    at: reader.number("at"),
    who: readActor(reader.fields["who"]),
    target,
    ...(isFields(result) ? { result } : {}),
    ...(typeof error === "string" ? { error } : {}),
  };
}

function readActor(value: unknown): AuditActor {
  const reader = fieldReader(value, `${WHAT}'s who`);
  const { by, actor, user } = reader.fields;
  return {
    ...(typeof by === "string" ? { by } : {}),
    ...(typeof actor === "string" ? { actor } : {}),
    ...(typeof user === "string" ? { user } : {}),
    connection: reader.text("connection"),
  };
}

function parse(body: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return value;
  } catch (cause) {
    throw new UmbelError("undecodable", `the ${WHAT} is not readable: it is not JSON.`, { cause });
  }
}
