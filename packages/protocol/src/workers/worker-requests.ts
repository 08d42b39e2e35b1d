import type { QueuePause } from "../queue-config.ts";
import { isFields } from "../record-fields.ts";
import type { RunsOn } from "../task.ts";
import { UmbelError } from "../umbel-error.ts";
import { isErrorCode, type ErrorCode } from "../error-code.ts";
import type { HeldRun, WorkerEntry } from "./worker-entry.ts";

/** Some of the runs that a worker has. */
export interface RunList {
  /** At most {@link MAX_LISTED_RUNS}. */
  readonly runs: readonly KnownRun[];
  /** How many there are. */
  readonly total: number;
}

/** A run that a worker has. */
export interface KnownRun extends HeldRun {
  /** When it may begin, in milliseconds since the epoch by the server's clock. */
  readonly dueAt?: number;
}

/** What a worker does with a run that was asked for: it executes it, has it wait for a slot, or for its time. */
export interface FoundRun extends KnownRun {
  readonly where: "active" | "reserved" | "scheduled";
}

/** A task that a worker has a handler for. From the registry, only its name is known. */
export interface RegisteredTask {
  readonly name: string;
  readonly queue?: string;
  readonly runsOn?: RunsOn;
  readonly maxAttempts?: number;
  /** Of one attempt, as the definition says. */
  readonly timeoutMs?: number;
  /** What an operator has set on this worker: so often may it start here. */
  readonly rateLimit?: string;
  /** What an operator has set on this worker: of one attempt, whatever the definition or the enqueue says. */
  readonly timeLimitMs?: number;
}

/** A queue that a worker pulls from. From the registry, only its name is known. */
export interface ServedQueue {
  readonly name: string;
  /** Which slots it is pulled for. */
  readonly pulledFor?: RunsOn;
  /** How many lanes it has; 0: no run with a key was ever enqueued. */
  readonly lanes?: number;
  readonly paused?: QueuePause;
}

/** How often handlers of one task were begun on a worker, and how they ended. */
export interface TaskCounts {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** All that a worker can say of itself in numbers. From the registry, without what is optional. */
export interface WorkerStats extends WorkerEntry {
  /** By task, of those that were begun there. */
  readonly taskCounts?: Readonly<Record<string, TaskCounts>>;
  readonly broker?: { readonly server: string; readonly connected: boolean };
  readonly cpu?: { readonly userMs: number; readonly systemMs: number };
}

/** What a worker runs on. */
export interface WorkerReport {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly host: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly broker: string;
  readonly mesh: string;
  readonly uptimeMs: number;
  /** By the worker's clock, in milliseconds since the epoch. */
  readonly at: number;
  /** Why it takes no runs; absent when it does. */
  readonly unready?: string;
}

/** What a worker answers to each verb of `inspect`. */
export interface InspectAnswers {
  readonly ping: { readonly at: number };
  readonly stats: WorkerStats;
  readonly active: RunList;
  readonly reserved: RunList;
  readonly scheduled: RunList;
  readonly registered: readonly RegisteredTask[];
  readonly queues: readonly ServedQueue[];
  readonly query: readonly FoundRun[];
  readonly conf: Readonly<Record<string, unknown>>;
  readonly report: WorkerReport;
}

/** What a worker answers to each verb of `control`. */
export interface ControlAnswers {
  readonly "add-queue": { readonly queues: readonly string[] };
  /** `left`: nothing of the queue can be there any more. Else in some seconds, or when what executes has ended. */
  readonly "remove-queue": { readonly queues: readonly string[]; readonly left: boolean };
  readonly resize: { readonly slots: number; readonly threads: number };
  readonly "rate-limit": { readonly task: string; readonly rate: string | null };
  readonly "time-limit": { readonly task: string; readonly timeoutMs: number | null };
  /** How many runs are held still. */
  readonly drain: { readonly held: number };
  readonly undrain: { readonly held: number };
  readonly shutdown: { readonly held: number };
  readonly "log-level": { readonly level: string; readonly before: string };
  /** Those of the runs that were executed there. */
  readonly terminate: { readonly runIds: readonly string[] };
}

/** What a worker can be asked. */
export type InspectVerb = keyof InspectAnswers;
/** What a worker can be told. */
export type ControlVerb = keyof ControlAnswers;

/** Every verb of `inspect`. */
export const INSPECT_VERBS: readonly InspectVerb[] = [
  "ping",
  "stats",
  "active",
  "reserved",
  "scheduled",
  "registered",
  "queues",
  "query",
  "conf",
  "report",
];

/** Every verb of `control` that workers know. */
export const CONTROL_VERBS: readonly ControlVerb[] = [
  "add-queue",
  "remove-queue",
  "resize",
  "rate-limit",
  "time-limit",
  "drain",
  "undrain",
  "shutdown",
  "log-level",
  "terminate",
];

/** So many runs are listed in one answer, at most. */
export const MAX_LISTED_RUNS = 1_000;
/** So many runs may be asked for at once. */
export const MAX_ASKED_RUNS = 1_000;
/** No request to a worker may have more bytes. */
export const MAX_REQUEST_BYTES = 131_072;

/** Arguments of a request: names and plain values. */
export type RequestArgs = Readonly<Record<string, unknown>>;

/** What came over the wire: nobody has checked its verb and its arguments yet. */
export interface WorkerRequest {
  readonly verb: string;
  readonly args: RequestArgs;
}

/** What a worker answered: a value of the verb's type, or why not. */
export type WorkerReply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ReplyError };

/** Why a worker did not do what it was told. */
export interface ReplyError {
  readonly code: ErrorCode;
  readonly message: string;
}

const VERSION = 1;

/** A request as it is sent: JSON, so that any NATS client can ask. */
export function encodeWorkerRequest({ verb, args }: WorkerRequest): Uint8Array {
  return encodeJson({ v: VERSION, verb, args });
}

/** @throws UmbelError `undecodable`, `payload_too_large` */
export function decodeWorkerRequest(body: Uint8Array): WorkerRequest {
  if (body.byteLength > MAX_REQUEST_BYTES) {
    throw new UmbelError(
      "payload_too_large",
      `a request to a worker may have ${MAX_REQUEST_BYTES} bytes, and this one has ${body.byteLength}.`,
    );
  }
  const { v = VERSION, verb, args = {} } = decodeJson(body, "request to a worker");
  if (v !== VERSION)
    throw unreadable("request to a worker", `it is of version ${String(v)}, and not ${VERSION}`);
  if (typeof verb !== "string") throw unreadable("request to a worker", "verb is not a text");
  if (!isFields(args)) throw unreadable("request to a worker", "args is not an object");
  return { verb, args };
}

/** A reply as it is sent. */
export function encodeWorkerReply(reply: WorkerReply): Uint8Array {
  return encodeJson({ v: VERSION, ...reply });
}

/** @throws UmbelError `undecodable` */
export function decodeWorkerReply(body: Uint8Array): WorkerReply {
  const { ok, value, error } = decodeJson(body, "answer of a worker");
  if (ok === true) return { ok, value };
  if (!isFields(error)) throw unreadable("answer of a worker", "it holds neither a value nor an error");
  const { code, message } = error;
  return {
    ok: false,
    error: { code: isErrorCode(code) ? code : "internal", message: String(message) },
  };
}

function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decodeJson(body: Uint8Array, what: string): Readonly<Partial<Record<string, unknown>>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw unreadable(what, "it is not JSON", cause);
  }
  if (!isFields(value)) throw unreadable(what, "it is not an object");
  return value;
}

function unreadable(what: string, why: string, cause?: unknown): UmbelError {
  return new UmbelError("undecodable", `the ${what} is not readable: ${why}.`, { cause });
}
