import type { StoredDeadLetter } from "@umbel/broker";
import {
  decode,
  errorKind,
  parseRunHeader,
  RUN_HEADER,
  UmbelError,
  type AttemptError,
  type DeadLetter,
  type DeadLetterReason,
  type ErrorKind,
  type RunMeta,
} from "@umbel/protocol";

/** A dead letter in a listing. Times in milliseconds since the epoch. */
export interface DeadLetterInfo {
  readonly runId: string;
  readonly queue: string;
  readonly task: string;
  /** Why the run was given up; absent when the letter itself cannot be read. */
  readonly reason?: DeadLetterReason;
  /** When it was given up. */
  readonly at?: number;
  readonly enqueuedAt?: number;
  readonly attempts?: number;
  readonly starts?: number;
  /** The last error, without its stack; absent when there was none, or no room for it. */
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
  /** The same for all letters whose last error is of one kind. */
  readonly fingerprint: string;
  readonly tags?: readonly string[];
  /** The dead run that this one repeated. */
  readonly redriveOf?: string;
}

/** All that a dead letter holds. */
export interface DeadLetterDetails extends DeadLetterInfo {
  /** Every error that is kept, the oldest first. */
  readonly errors: readonly AttemptError[];
  /** The subject and the headers of the original message. */
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The input as it was encoded; empty when there was no room for it. */
  readonly body?: Uint8Array;
  /** The input; absent when it cannot be decoded. */
  readonly input?: { readonly value: unknown };
  /** Why it cannot be redriven as it is; absent when it can. */
  readonly obstacle?: string;
}

/** The kind of what a run died of. A letter without an error has its reason instead. Pure. */
export function kindOf(letter: DeadLetter | undefined): ErrorKind {
  const last = letter?.errors.at(-1)?.error;
  return errorKind(last ?? { name: letter?.reason ?? "unreadable", message: "" });
}

/** A dead letter for a listing. Pure. */
export function describeLetter({ runId, queue, task, letter }: StoredDeadLetter): DeadLetterInfo {
  const place = { runId, queue, task, fingerprint: kindOf(letter).fingerprint };
  if (letter === undefined) return place;
  const { reason, at, attempts, starts, errors } = letter;
  const meta = metaOf(letter);
  const last = errors.at(-1)?.error;
  return {
    ...place,
    ...(meta === undefined ? {} : describeMeta(meta)),
    reason,
    at,
    attempts,
    starts,
    ...(last === undefined ? {} : { error: withoutStack(last) }),
  };
}

function withoutStack({ name, message, code }: AttemptError["error"]): NonNullable<DeadLetterInfo["error"]> {
  return code === undefined ? { name, message } : { name, message, code };
}

function describeMeta({
  task,
  enqueuedAt,
  tags,
  redriveOf,
}: RunMeta): Pick<DeadLetterInfo, "task" | "enqueuedAt" | "tags" | "redriveOf"> {
  return {
    task,
    enqueuedAt,
    ...(tags === undefined ? {} : { tags }),
    ...(redriveOf === undefined ? {} : { redriveOf }),
  };
}

/** All of a dead letter. Pure. */
export function describeLetterWhole(
  stored: StoredDeadLetter,
  obstacle: string | undefined,
): DeadLetterDetails {
  const info = describeLetter(stored);
  const why = obstacle === undefined ? {} : { obstacle };
  if (stored.letter === undefined) return { ...info, errors: [], ...why };
  const { errors, subject, headers, body } = stored.letter;
  const input = inputOf(stored.letter);
  return { ...info, errors, subject, headers, body, ...(input === undefined ? {} : { input }), ...why };
}

/** What the header of the dead run's message says; `undefined` when it cannot be read. */
export function metaOf({ headers }: DeadLetter): RunMeta | undefined {
  const header = headers[RUN_HEADER];
  return header === undefined ? undefined : unlessUndecodable(() => parseRunHeader(header));
}

/** The decoded input of a dead run; `undefined` when it cannot be decoded. */
export function inputOf({ body }: DeadLetter): { readonly value: unknown } | undefined {
  return unlessUndecodable(() => ({ value: decode(body, "input") }));
}

function unlessUndecodable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (UmbelError.is(error, "undecodable")) return undefined;
    throw error;
  }
}
