import { fieldReader, isFields, isFiniteNumber, type FieldReader } from "../record-fields.ts";
import { UmbelError } from "../umbel-error.ts";

/** Slots of one kind. */
export interface SlotUse {
  readonly busy: number;
  readonly total: number;
}

/** A run that a worker holds. */
export interface HeldRun {
  readonly runId: string;
  readonly task: string;
  readonly queue: string;
  readonly attempt?: number;
  /** When its handler was begun, in milliseconds since the epoch by the worker's clock; absent: it is about to be. */
  readonly startedAt?: number;
}

/** What has become of the runs of a worker since it was started. */
export interface WorkerCounts {
  /** Handlers that were begun. */
  readonly started: number;
  readonly succeeded: number;
  /** Runs that failed for good. */
  readonly failed: number;
  /** Attempts that failed and are followed by another. */
  readonly retried: number;
  readonly cancelled: number;
  /** Begun, and given back to the queue because the worker stops. */
  readonly handedBack: number;
  /** Outcomes that did not count, because the run belonged to another start. */
  readonly refused: number;
}

/**
 * What a worker tells of itself every {@link WorkerEntry.intervalMs}. Times in milliseconds since the epoch, by the
 * worker's clock.
 */
export interface WorkerEntry {
  /** Unique among all workers of all times. */
  readonly id: string;
  /** What people call it: several may have one name. */
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** Of Umbel. */
  readonly version: string;
  /** Of Node. */
  readonly node: string;
  readonly startedAt: number;
  /** When it told this. */
  readonly at: number;
  /** How often it tells. */
  readonly intervalMs: number;
  /** How long after its last sign of life its runs are given to others. */
  readonly ackWaitMs: number;
  /** `draining`: told to take no more runs; `stopping`: it ends once its runs have. */
  readonly state: WorkerEntryState;
  readonly queues: readonly string[];
  /** The first {@link MAX_ENTRY_TASKS} names of tasks that it has handlers for. */
  readonly tasks: readonly string[];
  /** How many tasks it has handlers for. */
  readonly taskCount: number;
  /** How many runs may execute at a time, and how many do. */
  readonly slots: { readonly loop: SlotUse; readonly thread: SlotUse };
  /** Absent when no task needs a thread. */
  readonly threads?: { readonly total: number; readonly busy: number; readonly replaced: number };
  /** The first {@link MAX_ENTRY_RUNS} runs that it executes or is storing the outcomes of, the oldest first. */
  readonly runs: readonly HeldRun[];
  /** How many it executes or is storing the outcomes of. */
  readonly held: number;
  /** How many more it has taken, that wait for a slot or for their time. */
  readonly reserved: number;
  readonly counts: WorkerCounts;
  /** The event loop since the entry before: how late its timers were, in milliseconds, and the share of busy time. */
  readonly loop: {
    readonly delayMeanMs: number;
    readonly delayP99Ms: number;
    readonly delayMaxMs: number;
    readonly utilisation: number;
  };
  readonly memory: {
    readonly rssBytes: number;
    readonly heapUsedBytes: number;
    readonly heapTotalBytes: number;
  };
}

/** What a worker is at, by its own word. */
export type WorkerEntryState = "running" | "draining" | "stopping";

/** So many runs are in an entry, at most. */
export const MAX_ENTRY_RUNS = 100;
/** So many names of tasks are in an entry, at most. */
export const MAX_ENTRY_TASKS = 500;

const VERSION = 1;
const WHAT = "entry of a worker";

/** `entry` as it is stored: JSON, so that `nats kv get` shows it. */
export function encodeWorkerEntry(entry: WorkerEntry): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ v: VERSION, ...entry }));
}

/** @throws UmbelError `undecodable` for anything that {@link encodeWorkerEntry} did not make. */
export function decodeWorkerEntry(body: Uint8Array): WorkerEntry {
  const reader = fieldReader(parse(body), WHAT);
  const { threads } = reader.fields;
  if (reader.number("v") !== VERSION) throw reader.fail("it is of another version");
  return {
    ...readOrigin(reader),
    state: readState(reader),
    queues: texts(reader, "queues"),
    tasks: texts(reader, "tasks"),
    taskCount: reader.number("taskCount"),
    slots: readSlots(part(reader, "slots")),
    ...(threads === undefined ? {} : { threads: numbers(part(reader, "threads"), THREADS) }),
    runs: reader.array("runs").flatMap(readRun),
    held: reader.number("held"),
    reserved: reader.number("reserved"),
    counts: numbers(part(reader, "counts"), COUNTS),
    loop: numbers(part(reader, "loop"), LOOP),
    memory: numbers(part(reader, "memory"), MEMORY),
  };
}

const THREADS = ["total", "busy", "replaced"] as const;
const COUNTS = ["started", "succeeded", "failed", "retried", "cancelled", "handedBack", "refused"] as const;
const LOOP = ["delayMeanMs", "delayP99Ms", "delayMaxMs", "utilisation"] as const;
const MEMORY = ["rssBytes", "heapUsedBytes", "heapTotalBytes"] as const;
const STATES: readonly WorkerEntryState[] = ["running", "draining", "stopping"];

type Origin = "id" | "name" | "host" | "pid" | "version" | "node";
type Moments = "startedAt" | "at" | "intervalMs" | "ackWaitMs";

function readOrigin(reader: FieldReader): Pick<WorkerEntry, Origin | Moments> {
  return {
    id: reader.text("id"),
    name: reader.text("name"),
    host: reader.text("host"),
    pid: reader.number("pid"),
    version: reader.text("version"),
    node: reader.text("node"),
    startedAt: reader.number("startedAt"),
    at: reader.number("at"),
    intervalMs: reader.number("intervalMs"),
    ackWaitMs: reader.number("ackWaitMs"),
  };
}

function readState(reader: FieldReader): WorkerEntryState {
  const state = STATES.find((known) => known === reader.fields["state"]);
  if (state === undefined) throw reader.fail("state is not known");
  return state;
}

function readSlots(reader: FieldReader): WorkerEntry["slots"] {
  const use = (kind: "loop" | "thread"): SlotUse => numbers(part(reader, kind), ["busy", "total"] as const);
  return { loop: use("loop"), thread: use("thread") };
}

function readRun(value: unknown): HeldRun[] {
  if (!isFields(value)) return [];
  const { runId, task, queue, attempt, startedAt } = value;
  if (typeof runId !== "string" || typeof task !== "string" || typeof queue !== "string") return [];
  return [
    {
      runId,
      task,
      queue,
      ...(isFiniteNumber(attempt) ? { attempt } : {}),
      ...(isFiniteNumber(startedAt) ? { startedAt } : {}),
    },
  ];
}

function part(reader: FieldReader, field: string): FieldReader {
  return fieldReader(reader.fields[field], `${field} in the ${WHAT}`);
}

function texts(reader: FieldReader, field: string): readonly string[] {
  return reader.array(field).filter((value) => typeof value === "string");
}

// What an older worker does not count is 0.
function numbers<Name extends string>(
  { fields }: FieldReader,
  names: readonly Name[],
): Readonly<Record<Name, number>>;
function numbers({ fields }: FieldReader, names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    names.map((name) => {
      const value = fields[name];
      return [name, isFiniteNumber(value) ? value : 0];
    }),
  );
}

function parse(body: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return value;
  } catch (cause) {
    throw new UmbelError("undecodable", `the ${WHAT} is not readable: it is not JSON`, { cause });
  }
}
